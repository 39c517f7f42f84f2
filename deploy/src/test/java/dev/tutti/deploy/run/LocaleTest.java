package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.support.CommandProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a machine reads, or a person copies, is the same in every locale. */
class LocaleTest {
    private static final String OPTIONS =
            "train --data synthetic(64,4,2) --model dense(8),relu,dense --batch 16 --epochs 2"
                    + " --shards 2 --workers 2 --digest-every 1 --PROCESSES --out ";

    @TempDir Path temporary;

    /** Arabic has digits of its own, German a decimal comma, Turkish a dotless i. */
    @ParameterizedTest
    @ValueSource(strings = {"ar-EG-u-nu-arab", "de-DE", "tr-TR", "th-TH-u-nu-thai-ca-buddhist"})
    void aRunLooksTheSame(String tag) throws Exception {
        var plain = train("en-US", "processes 0");
        for (var processes : List.of("processes 0", "processes 2")) {
            var other = train(tag, processes);
            assertThat(figures(other)).isEqualTo(figures(plain));
        }
        var steps = Files.readString(temporary.resolve(tag + "processes 2/steps.jsonl"));
        assertThat(steps).matches("\\p{ASCII}+");
    }

    private String train(String tag, String processes) throws Exception {
        var locale = Locale.forLanguageTag(tag);
        var extensions =
                locale.getExtension('u') == null
                        ? "-Duser.extensions="
                        : "-Duser.extensions=u-" + locale.getExtension('u');
        var flags =
                List.of(
                        "-Duser.language=" + locale.getLanguage(),
                        "-Duser.country=" + locale.getCountry(),
                        extensions);
        var arguments =
                new ArrayList<>(
                        List.of(OPTIONS.replace("PROCESSES", processes).strip().split(" ")));
        arguments.add(temporary.resolve(tag + processes).toString());
        try (var command = CommandProcess.start(temporary, flags, arguments)) {
            assertThat(command.exitCode()).as(command.output()).isZero();
            return command.output();
        }
    }

    /** Returns the lines that do not say how long something took. */
    private static List<String> figures(String output) {
        var lines =
                output.lines()
                        .filter(line -> line.matches("(train|valid|test|weights) {2,}.*"))
                        .toList();
        assertThat(lines).as(output).hasSize(4);
        return lines;
    }
}
