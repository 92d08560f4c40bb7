package asyncio.testkit;

/**
 * Says that a loop would wait for ever: every task waits, no timer is left, and nothing outside is
 * known to wake the loop. The message names the circles in which tasks wait for one another, and is
 * a picture of who waits for what.
 */
public final class DeadlockError extends AssertionError {
  private static final long serialVersionUID = 1L;

  DeadlockError(String message) {
    super(message);
  }
}
