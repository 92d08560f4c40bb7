package asyncio.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The threads that run when this is made, to find those that are new later.
 *
 * <p>Virtual threads and daemons do not count, but for the threads of loops and of their executors.
 */
final class Threads {
  private static final Duration TIME_TO_END_IN = Duration.ofMillis(500);

  private static final Pattern OF_A_LOOP = Pattern.compile("asyncio-(loop(-\\d+)?|\\d+)");

  private final Set<Thread> before = new HashSet<>(running());

  /** Those that were not there before; threads about to end get a moment to. */
  List<Thread> newOnes() {
    long end = System.nanoTime() + TIME_TO_END_IN.toNanos();
    List<Thread> left = new ArrayList<>();
    for (Thread thread : running()) {
      if (!before.contains(thread) && !endsBefore(thread, end)) {
        left.add(thread);
      }
    }
    return left;
  }

  private static boolean endsBefore(Thread thread, long end) {
    try {
      return thread.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }

  private static List<Thread> running() {
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    Thread[] threads = new Thread[top.activeCount() + 32];
    int count = top.enumerate(threads);
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread = threads[i];
      String name = thread.getName();
      if ((!thread.isDaemon() && !name.startsWith("junit")) || OF_A_LOOP.matcher(name).matches()) {
        running.add(thread);
      }
    }
    return running;
  }
}
