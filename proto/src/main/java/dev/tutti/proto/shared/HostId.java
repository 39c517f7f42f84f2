package dev.tutti.proto.shared;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The identity of this host. */
public final class HostId {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String ID = read();

    private HostId() {}

    /**
     * Returns a name that all processes of this machine share and no other machine has, until it is
     * started anew; empty where the system has none.
     */
    public static String current() {
        return ID;
    }

    private static String read() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException _) {
            return "";
        }
    }
}
