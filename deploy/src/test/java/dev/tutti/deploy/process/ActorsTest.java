package dev.tutti.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;

class ActorsTest {
    private final ClassLoader plain = Actors.class.getClassLoader();
    private final ClassLoader shown = new AkkaManifests(plain);

    @Test
    void akkaSeesItsOwnManifestsAlone() throws Exception {
        var own = Collections.list(shown.getResources("META-INF/MANIFEST.MF"));

        assertThat(own).isNotEmpty().allMatch(url -> url.getPath().contains("/akka-"));
        assertThat(Collections.list(plain.getResources("META-INF/MANIFEST.MF")))
                .containsAll(own)
                .hasSizeGreaterThan(own.size());
    }

    @Test
    void akkaSeesAllElse() throws Exception {
        var name = "reference.conf";

        assertThat(Collections.list(shown.getResources(name)))
                .isNotEmpty()
                .isEqualTo(Collections.list(plain.getResources(name)));
        assertThat(shown.loadClass(Actors.class.getName())).isSameAs(Actors.class);
    }

    @Test
    void signalsAreNotLeftToAkka() {
        var system = Actors.system();
        try {
            assertThat(
                            system.settings()
                                    .config()
                                    .getBoolean(
                                            "akka.coordinated-shutdown.run-by-jvm-shutdown-hook"))
                    .isFalse();
        } finally {
            system.terminate();
        }
    }
}
