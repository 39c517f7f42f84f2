package dev.tutti.proto.shared;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which machine this is. */
public final class Machine {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String ID = read();

    private Machine() {}

    /**
     * Returns a name that all processes of this machine share and no other machine has, until it is
     * started anew; empty where the system has none.
     */
    public static String id() {
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
