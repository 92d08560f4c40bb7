package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Engine;

/** Runs the main coroutine of a test on a fresh {@link ClockLoop}. */
public final class OnLoop {

  /** A main coroutine that wants to see its loop. */
  @FunctionalInterface
  public interface Main {
    void run(ClockLoop loop) throws Exception;
  }

  private OnLoop() {}

  /** Runs {@code main}; nothing may be reported to the exception handler. */
  public static void run(Engine engine, Action main) {
    run(engine, _ -> main.run());
  }

  /**
   * Runs {@code main}; nothing may be reported that it does not clear from the loop's list of
   * reports.
   */
  public static void run(Engine engine, Main main) {
    var loop = new ClockLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        main.run(loop);
        return null;
      });
    } finally {
      loop.close();
    }
    assertThat(loop.reports).as("reports to the exception handler").isEmpty();
  }
}
