package dev.tutti.deploy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tutti.deploy.cli.ColumnNames;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.option.CodingOptions;
import dev.tutti.deploy.option.ColumnOptions;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.option.TableOptions;
import dev.tutti.deploy.option.Task;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti data}: what Tutti takes some data for, and what would be trained on it. */
@Command(
        name = "data",
        description =
                "Shows what is in some data, what would be trained on it, and what spoils it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti data iris.csv",
            "  tutti data houses.csv --targets price --task regression --json"
        })
public final class DataCommand implements Callable<Integer> {
    /** Characters of a line where the launcher script does not tell: a file, or a pipe. */
    private static final int COLUMNS = 100;

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING);

    @Parameters(paramLabel = "NAME|PATH", description = "the data, as for tutti train --data")
    private String data = "";

    @Option(
            names = "--targets",
            paramLabel = "COL",
            converter = ColumnNames.Converter.class,
            description =
                    "columns of a table to predict, with commas between them; a name that holds a comma in double quotes; default: the last one")
    private ColumnNames targets = ColumnNames.NONE;

    @Mixin private ColumnOptions columns = new ColumnOptions();
    @Mixin private TableOptions table = new TableOptions();
    @Mixin private CodingOptions coding = new CodingOptions();

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description =
                    "classification or regression: what the target column of a CSV file is; default: as its values look")
    private Optional<Task> task = Optional.empty();

    @Option(names = "--json", description = "print JSON, with all columns and classes")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        var options = RunOptions.of(Map.of(ConfigFile.DATA, data));
        options.targets = targets;
        options.columns = columns;
        options.table = table;
        options.coding = coding;
        options.task = task;
        var view = DataView.of(options);
        if (json) {
            System.out.println(JSON.writeValueAsString(view));
        } else {
            view.lines(Integer.getInteger("tutti.columns", COLUMNS)).forEach(System.out::println);
            view.warnings().forEach(line -> System.err.println("warning: " + line));
        }
        return ExitCode.OK.number();
    }
}
