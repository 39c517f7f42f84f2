package dev.tutti.deploy.bench.measure;

import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Json;
import dev.tutti.deploy.bench.peer.Loopback;
import dev.tutti.deploy.bench.peer.PeerScript;
import dev.tutti.deploy.bench.peer.Torch;
import dev.tutti.proto.Carrier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The average alone, in turn: Tutti's whole round (sums to the coordinator, reduced, stepped, the
 * new weights with everyone) and gloo's all-reduce, which has no step in it.
 *
 * @param distribution whose programs are measured
 * @param torch the peer, if there is one
 * @param loopback measured besides where bytes travel, if there is an iperf3
 * @param carrier between Tutti's processes
 * @param processes with a vector each
 * @param pairs measurements of each
 * @param warmUpSeconds of Tutti, not measured
 * @param seconds of one measurement, about
 * @param given options of the user for {@code tutti coordinator}
 */
public record AverageComparison(
        Distribution distribution,
        Optional<Torch> torch,
        Optional<Loopback> loopback,
        Carrier carrier,
        int processes,
        int pairs,
        double warmUpSeconds,
        double seconds,
        List<String> given) {
    private static final String SCRIPT = "gloo_allreduce.py";

    /**
     * One size's figures.
     *
     * @param floats of a vector
     * @param tuttiMicros time of a round, by pair
     * @param glooMicros the same; empty without a peer
     * @param loopbackBytesPerSecond what loopback carried, by pair; empty if not measured
     */
    public record Result(
            int floats,
            int processes,
            List<Double> tuttiMicros,
            List<Double> glooMicros,
            List<Double> loopbackBytesPerSecond) {
        /** Returns the bytes of vectors that come and go at the coordinator, by second and pair. */
        public List<Double> bytesPerSecond() {
            var bytes = 2.0 * Float.BYTES * floats * processes;
            return tuttiMicros.stream().map(micros -> bytes / micros * 1e6).toList();
        }
    }

    /** Copies the options. */
    public AverageComparison {
        given = List.copyOf(given);
    }

    /** Measures vectors of one size; takes a while. */
    public Result measure(int floats) {
        var run = new AverageRun(distribution, carrier, processes, given);
        var tutti = new ArrayList<Double>();
        var gloo = new ArrayList<Double>();
        var bytes = new ArrayList<Double>();
        for (var pair = 0; pair < pairs; pair++) {
            tutti.add(1e6 / run.roundsPerSecond(floats, warmUpSeconds, seconds));
            torch.ifPresent(peer -> gloo.add(gloo(peer, floats)));
            loopback.ifPresent(wire -> bytes.add(wire.bytesPerSecond(seconds)));
        }
        return new Result(floats, processes, tutti, gloo, bytes);
    }

    private double gloo(Torch peer, int floats) {
        var arguments =
                List.of(
                        "--floats",
                        Integer.toString(floats),
                        "--processes",
                        Integer.toString(processes),
                        "--seconds",
                        Double.toString(seconds));
        return micros(new PeerScript(peer, distribution, SCRIPT).output(1, arguments));
    }

    /** Reads what {@code gloo_allreduce.py} printed. */
    public static double micros(String output) {
        return Json.positive(SCRIPT, Json.lastLine(SCRIPT, output), "micros");
    }
}
