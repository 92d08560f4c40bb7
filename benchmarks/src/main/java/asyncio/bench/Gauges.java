package asyncio.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this JVM uses; for this library's benchmarks and those of its peers. */
public final class Gauges {
  private Gauges() {}

  /** The CPU time of all threads up to now, in nanoseconds. */
  public static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** What the heap holds after a collection, in bytes. */
  public static long liveHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
