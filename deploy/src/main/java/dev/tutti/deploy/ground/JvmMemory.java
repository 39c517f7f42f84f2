package dev.tutti.deploy.ground;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the JVM allows outside its heap. Memory of arenas counts towards {@code
 * MaxDirectMemorySize}, which is as large as the heap unless it is set; the launcher sets it to
 * what the machine has.
 *
 * @param limit bytes in all
 * @param used bytes of them
 */
public record JvmMemory(long limit, long used) {
    /** So little is there in any JVM that starts; to ask takes 20 ms of a start. */
    private static final long UNQUESTIONED = 16 << 20;

    /**
     * Looks at this process.
     *
     * @param need bytes that it is asked for
     */
    static JvmMemory look(long need) {
        return need <= UNQUESTIONED ? new JvmMemory(Long.MAX_VALUE, 0) : look();
    }

    /** Looks at this process. */
    public static JvmMemory look() {
        var option =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .getVMOption("MaxDirectMemorySize")
                        .getValue();
        var set = Long.parseLong(option);
        var used =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return new JvmMemory(set > 0 ? set : Runtime.getRuntime().maxMemory(), used);
    }

    /** Returns the bytes that can still be had. */
    public long free() {
        return Math.max(0, limit - used);
    }
}
