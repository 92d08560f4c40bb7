package asyncio;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who is inside the {@code synchronized} section that a thread waits to enter.
 *
 * <p>The JVM tells that in its dump of all threads alone, which takes seconds where there are many,
 * and goes through a file. It needs module {@code jdk.management}; without it nothing is found.
 */
final class MonitorOwners {
  private static final boolean AVAILABLE =
      ModuleLayer.boot().findModule("jdk.management").isPresent();

  private static final Pattern THREAD = Pattern.compile("\"tid\": *\"?(\\d+)\"?,?");
  private static final Pattern BLOCKED_ON = Pattern.compile("\"blockedOn\": *\"([^\"]+)\",?");
  private static final Pattern LOCK = Pattern.compile("\"([^\"]+)\",?");

  /** One dump at a time. */
  private static final AtomicBoolean BUSY = new AtomicBoolean();

  private MonitorOwners() {}

  /**
   * Looks, on a thread of its own, for the owner of the monitor that {@code waiter} waits for.
   *
   * @param found called there with the monitor, as the JVM prints it, and with the identifier of
   *     the thread that owns it; not called if none is found
   * @return whether the search has begun
   */
  static boolean search(Thread waiter, BiConsumer<String, Long> found) {
    if (!AVAILABLE || !BUSY.compareAndSet(false, true)) {
      return false;
    }
    Thread.ofPlatform()
        .daemon()
        .name("asyncio-stall-dump")
        .inheritInheritableThreadLocals(false)
        .start(() -> {
          try {
            searchHere(waiter.threadId(), found);
          } catch (IOException | RuntimeException e) {
            AbstractEventLoop.LOGGER.log(
                System.Logger.Level.DEBUG, "no dump of the threads to find the owner of a lock", e);
          } finally {
            BUSY.set(false);
          }
        });
    return true;
  }

  private static void searchHere(long waiterId, BiConsumer<String, Long> found) throws IOException {
    Path folder = Files.createTempDirectory("asyncio-stall"); // readable for this user only
    Path dump = folder.resolve("threads.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
      String monitor = monitorOf(waiterId, dump);
      Long owner = monitor == null ? null : ownerOf(monitor, dump);
      if (owner != null) {
        found.accept(monitor, owner);
      }
    } finally {
      Files.deleteIfExists(dump);
      Files.deleteIfExists(folder);
    }
  }

  private static @Nullable String monitorOf(long waiterId, Path dump) throws IOException {
    long thread = -1;
    try (Stream<String> lines = Files.lines(dump)) {
      for (String line : (Iterable<String>) lines::iterator) {
        thread = threadIn(line, thread);
        Matcher blocked = thread == waiterId ? BLOCKED_ON.matcher(line.strip()) : null;
        if (blocked != null && blocked.matches()) {
          return blocked.group(1);
        }
      }
    }
    return null;
  }

  private static @Nullable Long ownerOf(String monitor, Path dump) throws IOException {
    long thread = -1;
    boolean owned = false;
    try (Stream<String> lines = Files.lines(dump)) {
      for (String line : (Iterable<String>) lines::iterator) {
        long before = thread;
        thread = threadIn(line, thread);
        owned = (owned && thread == before) || line.contains("\"monitorsOwned\"");
        Matcher lock = owned ? LOCK.matcher(line.strip()) : null;
        if (lock != null && lock.matches() && lock.group(1).equals(monitor)) {
          return thread;
        }
      }
    }
    return null;
  }

  private static long threadIn(String line, long before) {
    Matcher thread = THREAD.matcher(line.strip());
    return thread.matches() ? Long.parseLong(thread.group(1)) : before;
  }
}
