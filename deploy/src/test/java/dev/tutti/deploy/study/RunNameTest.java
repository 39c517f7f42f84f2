package dev.tutti.deploy.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.option.ConfigFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs with the same configuration have the same name, and no others. */
class RunNameTest {
    @Test
    void theOrderOfSettingsDoesNotMatter() {
        var one = new LinkedHashMap<String, String>();
        one.put("batch", "32");
        one.put("epochs", "2");
        var other = new LinkedHashMap<String, String>();
        other.put("epochs", "2");
        other.put("batch", "32");
        assertThat(name(one)).isEqualTo(name(other)).matches("[0-9a-f]{12}");
    }

    @Test
    void anOptionThatIsGivenItsUsualValueChangesNothing() {
        assertThat(name(Map.of("batch", "32"))).isEqualTo(name(Map.of()));
    }

    @Test
    void theSpellingOfAValueDoesNotMatter() {
        assertThat(name(Map.of("sync", "stale(2)"))).isEqualTo(name(Map.of("sync", "stale(s=2)")));
    }

    @Test
    void everyParameterOfAPlugInCounts() {
        assertThat(name(Map.of("sync", "stale(2)"))).isNotEqualTo(name(Map.of("sync", "stale(3)")));
        assertThat(name(Map.of("initializer", "he-normal"))).isNotEqualTo(name(Map.of()));
    }

    @Test
    void aSettingIsNeverTakenForTwo() {
        assertThat(RunName.of(Map.of("a", "1\nb=1:2"), Map.of()))
                .isNotEqualTo(RunName.of(Map.of("a", "1", "b", "2"), Map.of()));
    }

    /** The name of a folder is kept for years. */
    @Test
    void theNameIsPinned() {
        assertThat(RunName.of(Map.of("batch", "32", "seed", "1"), Map.of("batch", "64")))
                .isEqualTo("9389fa7902c3");
    }

    private static String name(Map<String, String> given) {
        var options = new LinkedHashMap<>(given);
        options.put("epochs", options.getOrDefault("epochs", "2"));
        var read = StudyOptions.of(options);
        var values = ConfigFile.values(read.command());
        var run = LocalRun.check(read.options(), Path.of("none"));
        return RunName.of(values, run.plan().configuration());
    }
}
