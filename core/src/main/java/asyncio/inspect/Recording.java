package asyncio.inspect;

/**
 * Has a loop record {@link LoopTimings} until it is closed; {@link
 * asyncio.EventLoop#recordTimings()} begins one.
 *
 * <p>Several may be open at a time: the loop records as long as one is, and forgets the timings
 * with the last one.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface Recording extends AutoCloseable {

  /** Ends this recording; a second time does nothing. */
  @Override
  void close();
}
