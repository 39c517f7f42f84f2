import com.sun.management.OperatingSystemMXBean;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.coordinator.stream.DataFile;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.DataSources;
import dev.tutti.worker.data.table.MissingTokens;
import dev.tutti.worker.data.source.TargetKind;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One measurement of {@code deploy/test/reading.sh}, in a process of its own: makes a table, or
 * reads one and prints what that took.
 *
 * <pre>
 * make FILE ROWS COLUMNS          draws a table of numbers; its last column is 0 or 1
 * fastcsv FILE                    FastCSV finds all cells, and nobody looks at them
 * records FILE                    FastCSV makes a string of each cell
 * read FILE STANDARDIZE MISSING   Tutti reads, splits, fits and encodes the table
 * </pre>
 *
 * <p>It prints wall and processor seconds, and for Tutti bytes: of the floats, of memory outside
 * the heap at most, and of what the process had resident before and at most.
 */
final class ReadTable {
    private static final int SAMPLE_MILLIS = 2;
    private static final double FRACTION = 0.1;
    private static final int FIELDS_MAX = 1 << 20;
    private static final int RECORD_MAX = 1 << 28;

    private ReadTable() {}

    public static void main(String[] arguments) throws IOException {
        var file = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "make" -> make(file, number(arguments[2]), number(arguments[3]));
            case "fastcsv" -> timed(() -> cells(file), 0);
            case "records" -> timed(() -> records(file), 0);
            case "read" -> read(file, arguments[2].equals("yes"), arguments[3]);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    /** Writes numbers of seven digits, which take ten bytes of the file. */
    private static void make(Path file, int rows, int columns) throws IOException {
        var random = new SplittableRandom(1);
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (var column = 1; column < columns; column++) {
                out.write("c%d,".formatted(column).getBytes());
            }
            out.write("y\n".getBytes());
            for (var row = 0; row < rows; row++) {
                for (var column = 1; column < columns; column++) {
                    write(random.nextInt(19_999_999) - 9_999_999, out);
                }
                out.write('0' + random.nextInt(2));
                out.write('\n');
            }
        }
    }

    /** Writes a number of millionths, and a comma. */
    private static void write(int number, OutputStream out) throws IOException {
        if (number < 0) {
            out.write('-');
        }
        var rest = Math.abs(number);
        out.write('0' + rest / 1_000_000);
        out.write('.');
        for (var unit = 100_000; unit > 0; unit /= 10) {
            out.write('0' + rest / unit % 10);
        }
        out.write(',');
    }

    /** Reads a file to its end. */
    private interface Reading {
        void run() throws IOException;
    }

    private static void timed(Reading reading, long floats) throws IOException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var cpu = system.getProcessCpuTime();
        var began = System.nanoTime();
        reading.run();
        var seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "%.3f %.3f%s%n",
                seconds,
                (system.getProcessCpuTime() - cpu) / 1e9,
                floats == 0 ? "" : " " + floats);
    }

    private static void cells(Path file) throws IOException {
        try (var reader = CsvReader.builder().build(new Nobody(), file)) {
            for (var _ : reader) {
                // All that is wanted is that it was found.
            }
        }
    }

    private static void records(Path file) throws IOException {
        var handler =
                CsvRecordHandler.of(
                        limits -> limits.maxFields(FIELDS_MAX).maxRecordSize(RECORD_MAX));
        try (var reader = CsvReader.builder().build(handler, file)) {
            for (var _ : reader) {
                // So it is here.
            }
        }
    }

    /** Takes cells, and does nothing with them. */
    private static final class Nobody extends AbstractBaseCsvCallbackHandler<Nobody> {
        @Override
        protected void handleField(
                int index, char[] buffer, int offset, int length, boolean quoted) {}

        @Override
        protected Nobody buildRecord() {
            return this;
        }
    }

    private static void read(Path file, boolean standardize, String missing) throws IOException {
        var rule = MissingRule.valueOf(missing);
        var options =
                DataOptions.of(file.toString(), TargetKind.BY_VALUES)
                        .withCoding(
                                new Coding(
                                        rule,
                                        MissingTokens.STANDARD,
                                        false,
                                        standardize,
                                        Optional.empty()));
        var sources = DataSources.standard(Path.of("none"), (_, _, _) -> {});
        var before = kibibytes("VmRSS");
        var outside = new long[1];
        var sampler = Thread.ofPlatform().daemon().start(() -> sample(outside));
        var found = new Dataset[1];
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var cpu = system.getProcessCpuTime();
        var began = System.nanoTime();
        try (var raw = sources.read(options, Arena.ofAuto())) {
            var split =
                    Split.of(
                            raw.count(), raw.testCount(), raw.targets(), FRACTION, FRACTION, 1L);
            found[0] = raw.encode(raw.fit(split.train()));
        }
        var seconds = (System.nanoTime() - began) / 1e9;
        var cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        var data = DataFile.of(found[0]);
        sampler.interrupt();
        var floats =
                found[0].features().bytes().byteSize() + found[0].targets().bytes().byteSize();
        System.out.printf(
                "%.3f %.3f %d %d %d %d %s%n",
                seconds,
                cpuSeconds,
                floats,
                outside[0],
                before << 10,
                kibibytes("VmHWM") << 10,
                data.digest());
    }

    private static void sample(long[] most) {
        var pools = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
        while (true) {
            var now = 0L;
            for (var pool : pools) {
                now += pool.getMemoryUsed();
            }
            most[0] = Math.max(most[0], now);
            try {
                Thread.sleep(SAMPLE_MILLIS);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    /** Returns a figure of this process, as Linux has it. */
    private static long kibibytes(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
