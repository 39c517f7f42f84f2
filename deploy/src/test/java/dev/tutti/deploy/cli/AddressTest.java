package dev.tutti.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.proto.Transport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An address that gRPC would refuse within an actor is refused before there is one. */
class AddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:4700",
                "host-1.example.org:1",
                "localhost:65535",
                "[::1]:4700",
                "[fe80::1%eth0]:4700"
            })
    void whatIsTakenCanBeConnectedTo(String text) {
        var address = Address.ofPeer("--coordinator", text);
        assertThat(address.host() + ":" + address.port()).isEqualTo(text);
        new Transport.Network(address.host(), address.port()).connect().shutdownNow();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "http://127.0.0.1:4711, did you mean 127.0.0.1:4711?",
                "https://host:4711/path, did you mean host:4711?",
                "host:4711/, did you mean host:4711?",
                "user@host:4711, did you mean host:4711?",
                "user:secret@host:4711, did you mean host:4711?",
                "::1:4711, did you mean [::1]:4711?",
                "' host:4711 ', did you mean host:4711?",
                "host, must be HOST:PORT",
                "host:, must be HOST:PORT",
                ":4711, must be HOST:PORT",
                "'', must be HOST:PORT",
                "[]:4711, must be HOST:PORT",
                "[::1:4711, must be HOST:PORT",
                "host:65536, must be HOST:PORT",
                "host:-1, must be HOST:PORT",
                "host:+1, must be HOST:PORT",
                "host:47x1, must be HOST:PORT",
                "ho st:4711, must be HOST:PORT",
                "hóst:4711, must be HOST:PORT",
                "host:٤٧١١, must be HOST:PORT",
                "host:0, must have a port from 1 to 65535",
                "a_b:4711, must have a host name of letters",
                "[1:2]:4711, must have a host name of letters",
                "1.2.3:4711, must have a host name of letters"
            })
    void whatIsNoneIsRefusedInOneLine(String text, String expected) {
        assertThatThrownBy(() -> Address.ofPeer("--coordinator", text))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--coordinator must")
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining(expected)
                .extracting(failure -> ((UserException) failure).exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "0.0.0.0:4700", "[::]:0", "a_b:4700"})
    void aListenerMayTakeAnyFreePortAndAnyNameOfItsOwn(String text) {
        var address = Address.parse("--listen", text);
        assertThat(address.host() + ":" + address.port()).isEqualTo(text);
    }
}
