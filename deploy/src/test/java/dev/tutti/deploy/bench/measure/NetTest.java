package dev.tutti.deploy.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.deploy.bench.peer.BenchException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetTest {
    @Test
    void textBecomesTheOptionsOfBothSides() {
        var net = Net.parse("512-256@128");
        assertThat(net).isEqualTo(new Net(List.of(512, 256), 128));
        assertThat(net.name()).isEqualTo("784-512-256-10");
        assertThat(net.layers(",")).isEqualTo("784,512,256,10");
        assertThat(net.model()).isEqualTo("dense(512),relu,dense(256),relu,dense");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "512", "512@", "@128", "512-@128", "0@128", "512@0", "a@1"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Net.parse(text))
                .isInstanceOf(BenchException.class)
                .hasMessageStartingWith("--nets: ");
    }
}
