package asyncio.net;

/**
 * Pushes bytes into a {@link Consumer} (PEP 3153 'Producers').
 *
 * <p>{@link BaseProducer} keeps the rules; whoever implements this directly keeps them itself:
 * {@link #pause}, {@link #resume} and {@link #stop} are idempotent, and {@code resume} after {@code
 * stop} does nothing (spec PC-8).
 *
 * <p><b>Threading:</b> loop-confined.
 */
public interface Producer {

  /**
   * Learns of its consumer. Called by {@link Consumer#register}, once and before everything else;
   * never by user code. May throw, which undoes the registration (spec PC-2, PC-3).
   */
  void halfRegister(Consumer consumer);

  /** Sends nothing from now on until {@link #resume}. */
  void pause();

  /** May send again; may do so inside this call. */
  void resume();

  /** The consumer takes no more, ever. */
  void stop();
}
