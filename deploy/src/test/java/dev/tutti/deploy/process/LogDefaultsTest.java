package dev.tutti.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** What a process logs that was told nothing: errors alone, on standard error. */
class LogDefaultsTest {
    private final LoggerContext context = new LoggerContext();

    @Test
    void onlyErrorsAreShown() {
        assertThat(new LogDefaults().configure(context))
                .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        assertThat(root.getLevel()).isEqualTo(Level.WARN);
        var shown = root.getAppender("STDERR");
        assertThat(shown.isStarted()).isTrue();
        assertThat(shown.getFilterChainDecision(event(Level.ERROR))).isEqualTo(FilterReply.NEUTRAL);
        assertThat(shown.getFilterChainDecision(event(Level.WARN))).isEqualTo(FilterReply.DENY);
    }

    /** The libraries stay quiet at every level of a run's files. */
    @Test
    void librariesWarnAndSayNoMore() {
        new LogDefaults().configure(context);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.DEBUG);
        assertThat(context.getLogger("io.grpc.internal").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("io.netty.util").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("akka.actor").getEffectiveLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void logbackFindsThem() {
        assertThat(ServiceLoader.load(Configurator.class))
                .hasAtLeastOneElementOfType(LogDefaults.class);
    }

    private static LoggingEvent event(Level level) {
        var event = new LoggingEvent();
        event.setLevel(level);
        return event;
    }
}
