package dev.tutti.deploy.cli;

import dev.tutti.common.step.run.Protocol;
import picocli.CommandLine.IVersionProvider;

/** The version that this distribution was built as. */
public final class Versions implements IVersionProvider {
    /** Returns the version, such as {@code 0.1.0}. */
    public static String version() {
        var version = Versions.class.getPackage().getImplementationVersion();
        return version != null ? version : "unpackaged";
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "tutti %s, protocol %d".formatted(version(), Protocol.VERSION),
            "Java " + Runtime.version()
        };
    }
}
