package dev.tutti.deploy.simulate;

import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Shape;
import java.util.HashMap;

/** Specs of runs that nobody trains: all that does not matter is as plain as it can be. */
final class PlainSpec {
    private PlainSpec() {}

    static RunSpec of(
            String model,
            String loss,
            Shape input,
            int outputs,
            int batch,
            int shards,
            int chunkFloats,
            String compress) {
        var texts = new HashMap<>(RunSpec.implied());
        texts.put("model", model);
        texts.put("loss", loss);
        texts.put("input", input.toString());
        texts.put("outputs", Integer.toString(outputs));
        texts.put("seed", "1");
        texts.put("batch", Integer.toString(batch));
        texts.put("shuffle", "false");
        texts.put("shards", Integer.toString(shards));
        texts.put("validation", "0.0");
        texts.put("test", "0.0");
        texts.put("data-name", "simulated");
        texts.put(RunSpec.DATA, "");
        texts.put("data-bytes", "1");
        texts.put("chunk-floats", Integer.toString(chunkFloats));
        texts.put("wire", "fp32");
        texts.put("compress", compress);
        return RunSpec.of(texts);
    }
}
