package dev.tutti.coordinator.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The order in which gradients came in a run whose clock is real, {@code order.jsonl}: a line with
 * what the run's bits follow from, then a line for each step, with its tasks and those that began
 * with the weights before it.
 *
 * @param configuration texts by the names that options have
 * @param steps from the first on
 * @param bytes of all whole lines
 */
public record OrderFile(Map<String, String> configuration, List<StepTasks> steps, long bytes) {
    /** The file's name. */
    public static final String NAME = "order.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIGURATION = "configuration";
    private static final int TASK_NUMBERS = 3;

    /** Tells whether a folder has such a file. */
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(NAME));
    }

    /**
     * Reads the file of a folder; half a line at its end does not count.
     *
     * @throws ResumeException with one line, if it is damaged
     */
    public static OrderFile read(Path folder) throws IOException {
        var file = folder.resolve(NAME);
        var text = Files.readString(file);
        var whole = text.substring(0, text.lastIndexOf('\n') + 1);
        var configuration = new TreeMap<String, String>();
        var steps = new ArrayList<StepTasks>();
        var number = 0;
        for (var line : whole.lines().toList()) {
            try {
                var node = JSON.readTree(line);
                if (number == 0) {
                    required(node, CONFIGURATION)
                            .properties()
                            .forEach(field ->
                                    configuration.put(field.getKey(), field.getValue().asText()));
                } else {
                    steps.add(step(node, number));
                }
                number++;
            } catch (JsonProcessingException | IllegalArgumentException _) {
                throw damaged(file, number + 1);
            }
        }
        if (number == 0) {
            throw damaged(file, 1);
        }
        return new OrderFile(configuration, steps, whole.getBytes(StandardCharsets.UTF_8).length);
    }

    private static ResumeException damaged(Path file, int line) {
        return new ResumeException(
                "%s is damaged at line %d: the order of the run's gradients is lost from there on"
                        .formatted(file, line));
    }

    private static JsonNode required(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).orElseThrow(IllegalArgumentException::new);
    }

    private static StepTasks step(JsonNode node, int number) {
        if (required(node, "step").asInt() != number) {
            throw new IllegalArgumentException();
        }
        return new StepTasks(
                required(node, "nanos").asLong(),
                tasks(required(node, "tasks")),
                tasks(required(node, "begun")));
    }

    private static List<Task> tasks(JsonNode node) {
        var tasks = new ArrayList<Task>();
        for (var task : node) {
            if (task.size() != TASK_NUMBERS) {
                throw new IllegalArgumentException();
            }
            tasks.add(
                    new Task(
                            task.get(0).asInt(-1), task.get(1).asLong(-1), task.get(2).asLong(-1)));
        }
        return tasks;
    }

    /**
     * Refuses an order of a run whose bits follow from something else.
     *
     * @param now what this run's follow from
     */
    public void requireSame(Map<String, String> now) {
        for (var entry : now.entrySet()) {
            if (!entry.getValue().equals(configuration.get(entry.getKey()))) {
                throw new ResumeException(
                        "%s is of another run: %s was %s, is %s"
                                .formatted(
                                        NAME,
                                        entry.getKey(),
                                        configuration.get(entry.getKey()),
                                        entry.getValue()));
            }
        }
    }

    /** Returns the first line of a file. */
    public static String firstLine(Map<String, String> configuration) throws IOException {
        return JSON.writeValueAsString(Map.of(CONFIGURATION, new TreeMap<>(configuration)));
    }

    /**
     * Returns the line of a step.
     *
     * @param number counted from 1
     */
    public static String line(long number, StepTasks step) {
        return "{\"step\":%d,\"nanos\":%d,\"tasks\":%s,\"begun\":%s}"
                .formatted(number, step.nanos(), text(step.tasks()), text(step.begun()));
    }

    private static String text(List<Task> tasks) {
        return tasks.stream()
                .map(task -> List.of((long) task.worker(), task.batch(), task.version()))
                .toList()
                .toString();
    }
}
