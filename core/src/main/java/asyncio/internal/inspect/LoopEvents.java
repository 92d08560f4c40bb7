package asyncio.internal.inspect;

import asyncio.EventLoop;
import asyncio.Instrument;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every loop of the JVM is to tell its events to, while somebody wants them.
 *
 * <p>Loops look here when they are made, when they begin to run, and in each iteration.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class LoopEvents {
  private static volatile @Nullable Function<EventLoop, Instrument> wanted;

  private LoopEvents() {}

  /** What makes the instrument of a loop; the same object as long as nothing has changed. */
  public static @Nullable Function<EventLoop, Instrument> wanted() {
    return wanted;
  }

  /**
   * Has all loops tell their events from now on, or not any more.
   *
   * @param instruments makes the instrument of a loop; null if nobody wants events any more
   */
  public static void want(@Nullable Function<EventLoop, Instrument> instruments) {
    wanted = instruments;
  }
}
