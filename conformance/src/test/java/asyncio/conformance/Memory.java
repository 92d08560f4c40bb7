package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what only a garbage collection brings about. */
public final class Memory {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Memory() {}

  /** Collects until the object is gone; fails if something holds it. */
  public static void awaitCleared(WeakReference<?> reference) throws InterruptedException {
    assertThat(collectUntil(() -> reference.refersTo(null)))
        .as("nothing holds " + reference.get())
        .isTrue();
  }

  /** Collects until {@code condition} holds; says whether it did in time. */
  public static boolean collectUntil(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      System.gc();
      Thread.sleep(1); // the collector's and the cleaner's threads need a turn
    }
    return true;
  }
}
