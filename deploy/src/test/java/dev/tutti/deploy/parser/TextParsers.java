package dev.tutti.deploy.parser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.Main;
import dev.tutti.deploy.certs.CertificateAuthority;
import dev.tutti.deploy.certs.HostCertificate;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.proto.access.AccessException;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.RunToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What reads a text that a user writes, or a file that lets a process in. */
final class TextParsers {
    private TextParsers() {}

    /**
     * Returns all of them.
     *
     * @param folder for the files that some of them read
     */
    static Stream<ParserUnderTest> in(Path folder) throws IOException {
        return Stream.concat(settings(folder), access(folder));
    }

    private static Stream<ParserUnderTest> settings(Path folder) {
        var file = folder.resolve("run.conf");
        return Stream.of(
                new ParserUnderTest(
                        "model",
                        bytes(
                                "dense(64),relu,dense",
                                "conv2d(6,5,padding=2),sigmoid,max-pool(2),flatten,dense(10)",
                                "residual(conv2d(4,3,padding=1),batch-norm,relu),dropout(0.5),layer-norm",
                                "mlp"),
                        PlugInException.class,
                        input -> Model.of(Zoo.layers(text(input)), Shape.of(3, 12, 12), 10)),
                new ParserUnderTest(
                        "plug-ins",
                        bytes(
                                "adam(rate=0.001,beta1=0.9)",
                                "sgd(0.02,momentum=0.9,nesterov=true)",
                                "warmup(100,cosine)",
                                "l2(0.01),l1(0.1)",
                                "he-normal",
                                "softmax-cross-entropy",
                                "kill(worker=2,step=30),pause(1,50,seconds=forever),join(60)",
                                "random(seed=7,faults=20)"),
                        PlugInException.class,
                        input -> readAsEveryKind(text(input))),
                new ParserUnderTest(
                        "configuration",
                        bytes(
                                "batch = 64\nmodel = \"dense(4),relu\"\nseed: 3\n",
                                "{ epochs = 3, data = digits, targets = [a, b] }",
                                "steps = 10 // why\nshuffle = false\n"),
                        UserException.class,
                        input -> {
                            Files.write(file, input);
                            ConfigFile.of(
                                    List.of("train", "--config", file.toString()),
                                    Main::commandLine);
                        }));
    }

    private static void readAsEveryKind(String text) {
        var kinds =
                List.<Runnable>of(
                        () -> Losses.CATALOGUE.parse(text),
                        () -> Optimizers.CATALOGUE.parse(text),
                        () -> Schedules.CATALOGUE.parse(text),
                        () -> Regularizers.CATALOGUE.parseList(text),
                        () -> Roundings.CATALOGUE.parse(text),
                        () -> Initializers.CATALOGUE.parse(text),
                        () -> FaultPlan.of(text, new FaultSource.RunSize(3, 60)));
        for (var kind : kinds) {
            try {
                kind.run();
            } catch (PlugInException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    private static Stream<ParserUnderTest> access(Path folder) throws IOException {
        var host =
                CertificateAuthority.in(folder.resolve("ca"), Instant.now())
                        .issue(HostCertificate.parse("lab1"), Instant.now(), Duration.ofDays(1));
        var token = folder.resolve("token");
        return Stream.of(
                certificate("authority", host, Certificates.AUTHORITY),
                certificate("certificate", host, Certificates.CERTIFICATE),
                certificate("key", host, Certificates.KEY),
                new ParserUnderTest(
                        "token",
                        bytes("correct-horse\n"),
                        AccessException.class,
                        input -> {
                            Files.write(token, input);
                            RunToken.read(token);
                        }));
    }

    private static ParserUnderTest certificate(String name, Path host, String replaced)
            throws IOException {
        var folder = Files.createDirectories(host.resolveSibling("fuzzed-" + name));
        for (var file :
                List.of(Certificates.AUTHORITY, Certificates.CERTIFICATE, Certificates.KEY)) {
            Files.copy(host.resolve(file), folder.resolve(file));
        }
        return new ParserUnderTest(
                name,
                List.of(Files.readAllBytes(host.resolve(replaced))),
                AccessException.class,
                input -> {
                    Files.write(folder.resolve(replaced), input);
                    Certificates.in(folder);
                });
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    /** Returns the bytes of each text. */
    static List<byte[]> bytes(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }
}
