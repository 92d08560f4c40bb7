package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import org.assertj.core.api.AbstractThrowableAssert;

/** Turns of the loop, as the tests of this package count them. */
final class Turns {

  private Turns() {}

  /** Lets everything run that is ready now. */
  static void turn() {
    turns(1);
  }

  static void turns(int n) {
    for (int i = 0; i < n; i++) {
      sleep(seconds(0));
    }
  }

  /**
   * Lets the loop run until all other tasks are blocked: for more turns than any scenario here
   * takes.
   */
  static void untilAllBlocked() {
    turns(60);
  }

  /** Runs {@code callback} as a plain callback of the running loop and waits until it has run. */
  static void inCallback(Action callback) throws Exception {
    Future<String> ran = getRunningLoop().createFuture();
    getRunningLoop()
        .callSoon(() -> {
          try {
            callback.run();
            ran.setResult("ran");
          } catch (Throwable t) {
            ran.setException(t);
          }
        });
    await(ran);
  }

  static void assertCancelled(Task<?> task) {
    assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
  }

  /** Asserts that {@code attempt} would wait for ever. */
  static void assertBlocks(Action attempt) {
    assertThatThrownBy(() -> timeout(seconds(1), () -> attempt.run()))
        .isInstanceOf(TimeoutException.class);
  }

  static AbstractThrowableAssert<?, ? extends Throwable> assertFails(Future<?> future) {
    return assertThatThrownBy(() -> await(future));
  }
}
