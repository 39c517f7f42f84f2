package dev.tutti.deploy.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where this process logs to. Without a file only warnings are shown, on standard error. */
public final class Logs {
    private static final String FILE = "FILE";

    private Logs() {}

    /** Closes the log files. */
    public static void close() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    /**
     * Sends the log of this process, from information upwards, to a file, and no longer to the file
     * before it: a process may have one run after another.
     */
    public static void toFile(Path file) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%rEx");
        encoder.start();
        var appender = new FileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName(FILE);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var before = root.getAppender(FILE);
        if (before != null) {
            root.detachAppender(before);
            before.stop();
        }
        root.addAppender(appender);
        context.getLogger("dev.tutti").setLevel(Level.INFO);
    }
}
