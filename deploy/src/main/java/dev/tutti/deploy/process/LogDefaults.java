package dev.tutti.deploy.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.tutti.worker.Uplink;
import java.util.List;
import org.slf4j.Logger;

/**
 * The log of a process that was told nothing else: standard error is the user's, so only errors are
 * there, one line each; a run's files hold the rest.
 *
 * <p>In code: with the same in a file of XML a start takes 7 % more processor time (median of 14
 * pairs of starts with the cache of classes, 2 cores). A {@code logback.xml} on the class path, or
 * the property {@code logback.configurationFile}, goes before.
 */
@ConfiguratorRank(LogDefaults.BEHIND_FILES)
public final class LogDefaults extends ContextAwareBase implements Configurator {
    static final int BEHIND_FILES = ConfiguratorRank.NOMINAL - 1;

    private static final List<String> LIBRARIES = List.of("akka", "io.netty", "io.grpc");

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var errors = new ThresholdFilter();
        errors.setContext(context);
        errors.setLevel(Level.ERROR.toString());
        errors.start();
        var shown = standardError(context, "STDERR", "%level: %msg%n%rEx{short}");
        shown.addFilter(errors);
        LIBRARIES.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(shown);
        // What a process waits for is the user's to know; the log has it as well.
        var notices = context.getLogger(Uplink.NOTICES);
        notices.setLevel(Level.INFO);
        notices.addAppender(standardError(context, "NOTICES", "%msg%n"));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static ConsoleAppender<ILoggingEvent> standardError(
            LoggerContext context, String name, String pattern) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName(name);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
