package dev.tutti.deploy.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import dev.tutti.deploy.support.TestRun;
import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.AccessException;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.RunToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tutti certs}, and the options that use what it makes. */
class CertsTest {
    @TempDir Path temporary;

    @Test
    void eachHostGetsACertificateWithItsNames() throws IOException {
        certs("lab1=lab1.example.org,10.0.0.5,fe80::1", "lab2");
        var lab1 = Certificates.in(folder("lab1"));
        assertThat(lab1.names())
                .contains("lab1.example.org", "10.0.0.5", "localhost", "127.0.0.1")
                .anyMatch(name -> name.startsWith("fe80:"));
        assertThat(Certificates.in(folder("lab2")).names()).contains("lab2", "localhost");
        assertThat(lab1.expiry())
                .isBetween(
                        Instant.now().plus(Duration.ofDays(364)),
                        Instant.now().plus(Duration.ofDays(366)));
    }

    @Test
    void allFilesAreForTheirOwnerAlone() throws IOException {
        certs("lab1");
        try (var all = Files.walk(temporary.resolve("certs"))) {
            assertThat(all)
                    .allSatisfy(path -> {
                        var permissions =
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                        assertThat(permissions)
                                .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                    });
        }
        assertThat(folder("lab1").resolve("ca.key")).doesNotExist();
        assertThat(folder("lab1")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void renewalKeepsNamesAndAuthority() throws IOException {
        certs("lab1=lab1.example.org", "lab2");
        var before = Certificates.in(folder("lab1"));
        var names = before.names();
        var authority = Files.readString(temporary.resolve("certs").resolve("ca.crt"));
        var key = Files.readString(folder("lab1").resolve("tls.key"));
        var renewed =
                Cli.run(
                        "certs",
                        "--dir",
                        temporary.resolve("certs").toString(),
                        "--renew",
                        "--days",
                        "10");
        assertThat(renewed.exitCode()).as(renewed.err()).isZero();
        assertThat(renewed.out()).contains("lab1: for ", "lab2: for ");
        assertThat(before.names()).isEqualTo(names);
        assertThat(before.expiry()).isBefore(Instant.now().plus(Duration.ofDays(11)));
        assertThat(Files.readString(folder("lab1").resolve("tls.key"))).isNotEqualTo(key);
        assertThat(Files.readString(temporary.resolve("certs").resolve("ca.crt")))
                .isEqualTo(authority);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/etc", "a/b", "..", "", "lab=a b", "lab=", "lab=*"})
    void whatIsNoHostIsRefusedAndWritesNothing(String host) {
        var command = Cli.run("certs", "--dir", temporary.resolve("certs").toString(), host);
        assertThat(command.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(command.err()).contains("is no host name").hasLineCount(1);
        assertThat(temporary.resolve("x")).doesNotExist();
    }

    @Test
    void aFolderThatIsNotWholeIsRefusedByName() throws IOException {
        assertThatThrownBy(() -> Certificates.in(temporary.resolve("nowhere")))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("is no folder of certificates");
        certs("lab1", "lab2");
        Files.copy(
                folder("lab2").resolve("tls.key"),
                folder("lab1").resolve("tls.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Certificates.in(folder("lab1")))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("tls.key is not the key of tls.crt");
        Files.delete(folder("lab2").resolve("tls.crt"));
        assertThatThrownBy(() -> Certificates.in(folder("lab2")))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("there is no");
    }

    @Test
    void anAddressThatOthersReachNeedsCertificatesOrAClearWord() {
        var out = temporary.resolve("run").toString();
        var coordinator = Cli.run("coordinator", "--listen", "0.0.0.0:0", "--out", out);
        assertThat(coordinator.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(coordinator.err())
                .contains("--listen 0.0.0.0:0 leaves this machine: give --certs DIR")
                .hasLineCount(1);
        var worker = Cli.run("worker", "--coordinator", "192.0.2.1:4700");
        assertThat(worker.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(worker.err()).contains("--coordinator 192.0.2.1:4700 leaves this machine");
        var insecure =
                Cli.run(
                        "coordinator",
                        "--listen",
                        "0.0.0.0:0",
                        "--out",
                        out,
                        "--insecure",
                        "--wait",
                        "1");
        assertThat(insecure.exitCode()).isEqualTo(ExitCode.NO_WORKERS.number());
        assertThat(insecure.err().lines().filter(line -> line.startsWith("warning:")))
                .singleElement()
                .asString()
                .startsWith("warning: --insecure: plaintext on 0.0.0.0:0");
    }

    @Test
    void aRefusedWorkerEndsWithItsCodeAndOneLine() throws IOException {
        var token = Files.writeString(temporary.resolve("token"), "  not-the-right-one\n");
        var access = new Access(Optional.empty(), Optional.of(new RunToken("the-right-one")));
        try (var run = new TestRun(temporary.resolve("run"), access, 1)) {
            var worker =
                    Cli.run(
                            "worker",
                            "--coordinator",
                            "127.0.0.1:" + run.port(),
                            "--token-file",
                            token.toString());
            assertThat(worker.exitCode()).as(worker.err()).isEqualTo(ExitCode.REFUSED.number());
            assertThat(worker.err()).contains("a wrong run token").hasLineCount(1);
        }
    }

    @Test
    void aTokenNeverShowsItself() {
        assertThat(new RunToken("the-right-one")).hasToString("run token");
        assertThatThrownBy(() -> new RunToken("short")).isInstanceOf(AccessException.class);
        assertThatThrownBy(() -> new RunToken("with a space")).isInstanceOf(AccessException.class);
    }

    private void certs(String... hosts) {
        var arguments = new java.util.ArrayList<String>();
        arguments.add("certs");
        arguments.add("--dir");
        arguments.add(temporary.resolve("certs").toString());
        arguments.addAll(java.util.List.of(hosts));
        var command = Cli.run(arguments.toArray(String[]::new));
        assertThat(command.exitCode()).as(command.err()).isZero();
    }

    private Path folder(String host) {
        return temporary.resolve("certs").resolve(host);
    }
}
