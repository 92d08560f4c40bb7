package asyncio.testkit;

/**
 * Work outside the loop that will wake it: while it is open, time stands still and no deadlock is
 * suspected.
 *
 * <p><b>Threading:</b> thread-safe.
 *
 * @see VirtualTimeLoop#externalWork
 */
public interface ExternalWork extends AutoCloseable {

  /** Says that the work is done, and that what it does to the loop is queued there. Idempotent. */
  @Override
  void close();
}
