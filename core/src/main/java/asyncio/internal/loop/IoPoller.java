package asyncio.internal.loop;

import java.io.IOException;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Where an event loop waits, and hears of its channels: the one door between the scheduling of a
 * loop and its I/O.
 *
 * <p>A selector stands behind it, or a fake in tests; a native or a foreign one can take its place.
 *
 * <p><b>Order:</b> what {@link #poll} finds it tells the listeners, in the order of the events,
 * before it returns. A listener queues callbacks; it does not run user code.
 *
 * <p><b>Threading:</b> {@link #wakeUp} is thread-safe; everything else belongs to the thread that
 * runs the loop.
 */
public interface IoPoller {

  /** Data, an end-of-file or an error can be read; a connection can be accepted. */
  int READ = 1;

  /** Data can be written; a connect has ended, well or badly. */
  int WRITE = 2;

  /** Is told what happens to one channel. */
  interface Listener {

    /**
     * The channel is ready for these of the operations that were asked for. Told again at each poll
     * until it is not.
     */
    void ready(int operations);

    /**
     * The channel was closed while it was registered, without {@link Registration#release}; nothing
     * else will come.
     */
    void closedBehind();

    /** The loop was closed, and the poller with it: nothing else will come. */
    default void loopClosed() {}

    /**
     * Whether code that knows nothing of this listener may close the channel, so that the poller
     * has to look before it waits: closing makes no event.
     */
    default boolean sharesChannel() {
      return false;
    }
  }

  /** A channel's place in the poller; one for as long as the channel is in it. */
  interface Registration {

    Listener listener();

    /**
     * Asks for exactly these operations from the next poll on; 0 keeps the place and hears nothing.
     * Undoes a release, unless the channel has been taken in again since.
     */
    void setInterest(int operations);

    /**
     * Takes the channel out, at the beginning of the next poll, so that leaving and coming back in
     * between is free. The listener hears nothing any more; and for others the channel is not in,
     * so that they may take it in with listeners of their own.
     */
    void release();

    /** Whether it was released and has taken no interest since. */
    default boolean isReleased() {
      return false;
    }
  }

  /**
   * Takes in a channel that is not in, or was released, without interest.
   *
   * @throws IllegalArgumentException if this poller cannot wait for such a channel, or not in its
   *     present mode
   * @throws IllegalStateException if the channel is in, and not released
   * @throws IOException if the channel is closed
   */
  Registration register(Channel channel, Listener listener) throws IOException;

  /** The place of a channel, or null if it is not in. */
  @Nullable Registration find(Channel channel);

  /** As {@link #find}, but a place that was released since the last poll counts too. */
  default @Nullable Registration place(Channel channel) {
    return find(channel);
  }

  /**
   * Waits until a channel is ready, until {@link #wakeUp}, or until the time is up, and tells the
   * listeners. A wake-up that came before the call counts. May return early.
   *
   * @param timeoutNanos 0 or less not to wait; {@code Long.MAX_VALUE} without limit
   */
  void poll(long timeoutNanos);

  /** Ends the current {@link #poll}, or the next one that waits. */
  void wakeUp();

  /**
   * Carries out what is pending, so that the channels that were closed are really closed, and tells
   * nobody anything.
   */
  void flush();

  /** Tells the listeners, and lets go of everything. The channels stay open. */
  void close();
}
