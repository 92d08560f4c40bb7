package asyncio.net;

import org.jspecify.annotations.Nullable;

/**
 * A communication channel as a protocol sees it: what all kinds of transports have in common (PEP
 * 3156 'Transports').
 *
 * <p>Transports are made by the loop; a protocol is given its own in {@code connectionMade}. Code
 * that writes a transport of its own, such as one layer on another, implements what it can do:
 * every method left out throws {@link UnsupportedOperationException} (spec TR-49).
 *
 * <p><b>Threading:</b> loop-confined, as everything about transports and protocols. Nothing here
 * suspends, so callbacks may call it.
 */
public interface BaseTransport extends AutoCloseable {

  /**
   * What is known of the channel under {@code name}: {@code "socket"}, {@code "sockname"}, {@code
   * "peername"}, {@code "pipe"}, {@code "subprocess"}, {@code "sslcontext"} and so on (spec TR-42
   * to TR-45). Never fails.
   *
   * @return null for a name that means nothing here
   */
  default @Nullable Object getExtraInfo(String name) {
    return getExtraInfo(name, null);
  }

  /**
   * As {@link #getExtraInfo(String)}, with a value of choice for a name that means nothing here.
   */
  default @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return otherwise;
  }

  /** Whether the transport is closed or on the way there; stays true (spec TR-16). */
  default boolean isClosing() {
    throw Unsupported.by(this, "isClosing");
  }

  /**
   * Ends the connection in good order: stops reading, sends what was written, then calls {@code
   * connectionLost(null)}, never before this returns (spec TR-8 to TR-11). Idempotent.
   */
  @Override
  default void close() {
    throw Unsupported.by(this, "close");
  }

  /**
   * Has {@code protocol} receive all further calls, without telling either of them (spec TR-47).
   *
   * @throws IllegalArgumentException if it is of a kind that this transport cannot serve
   */
  default void setProtocol(BaseProtocol protocol) {
    throw Unsupported.by(this, "setProtocol");
  }

  /** The protocol that receives the calls; null once the connection is lost. */
  default @Nullable BaseProtocol getProtocol() {
    throw Unsupported.by(this, "getProtocol");
  }
}
