package dev.tutti.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;

/** The bytes are those that TensorBoard 2.21's own writer makes of the same events. */
class EventRecordTest {
    @Test
    void aFileBeginsWithItsVersion() {
        assertThat(hex(EventRecord.version(1.5)))
                .isEqualTo(
                        "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a32"
                                + "2a28646c");
    }

    @Test
    void aStartSaysFromWhichStepOnOlderEventsDoNotCount() {
        assertThat(hex(EventRecord.start(2.5, 8)))
                .isEqualTo("0f000000000000006d532b0909000000000000044010083a020801b8092dca");
    }

    @Test
    void scalarsHaveTheirTagsAndTheirStep() {
        var values = new LinkedHashMap<String, Double>();
        values.put("train/loss", 0.25);
        values.put("bytes/up", 1e6);
        assertThat(hex(EventRecord.scalars(2.5, 7, values)))
                .isEqualTo(
                        "31000000000000009d8383e909000000000000044010072a240a110a0a747261696e2f6c"
                                + "6f7373150000803e0a0f0a0862797465732f75701500247449ba5bc4b7");
    }

    private static String hex(ByteBuffer record) {
        var bytes = new byte[record.remaining()];
        record.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
