package dev.tutti.worker.data.drawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTest {
    private final Arena arena = Arena.ofAuto();

    @Test
    void theTextSaysSizeAndClassesAndTheBytesAreAlwaysTheSame() {
        var dataset = open("synthetic(7,2x3x5,3)");
        assertThat(dataset.count()).isEqualTo(7);
        assertThat(dataset.sample()).isEqualTo(Shape.of(2, 3, 5));
        assertThat(dataset.outputs()).isEqualTo(3);
        assertThat(file(dataset)).isEqualTo(file(open("synthetic(7,2x3x5,3)")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "synthetic",
                "synthetic(5)",
                "synthetic(0,2,2)",
                "synthetic(5,0,2)",
                "synthetic(5,2,0)",
                "synthetic(5,2y2,2)",
                "synthetic(-1,2,2)"
            })
    void aTextThatSaysSomethingElseIsRefused(String text) {
        assertThatThrownBy(() -> open(text))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("synthetic");
    }

    @Test
    void aFileWhoseNameBeginsAlikeIsNotTaken() {
        assertThat(new Synthetic().accepts("synthetic-images/")).isFalse();
        assertThat(new Synthetic().accepts("synthetic")).isTrue();
    }

    private Dataset open(String text) {
        return new Synthetic().open(DataOptions.of(text, Targets.Kind.LABELS), arena);
    }

    private byte[] file(Dataset dataset) {
        var bytes = arena.allocate(DatasetFile.byteSize(dataset), 64);
        DatasetFile.write(dataset, bytes);
        return bytes.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
}
