package asyncio.net;

import org.jspecify.annotations.Nullable;

/**
 * What every protocol hears: that its connection is lost, and how fast it may write (PEP 3156
 * 'Protocols').
 *
 * <p>All methods do nothing unless they are overridden.
 *
 * <p><b>Threading:</b> a protocol is called on the loop's thread, one call at a time; it must not
 * block and cannot suspend. Tasks are what does either.
 */
public interface BaseProtocol {

  /**
   * The connection is lost or was closed. The last call, and exactly one.
   *
   * @param exception null if it ended regularly: by the peer's end-of-file, or by {@code close} or
   *     {@code abort} on this side
   */
  default void connectionLost(@Nullable Throwable exception) throws Exception {}

  /** More than the high mark waits to be sent. Called inside the {@code write} that exceeds it. */
  default void pauseWriting() throws Exception {}

  /** What waits to be sent has shrunk to the low mark. */
  default void resumeWriting() throws Exception {}
}
