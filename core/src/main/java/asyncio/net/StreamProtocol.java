package asyncio.net;

/**
 * A protocol on a stream of bytes.
 *
 * <p><b>Order:</b> {@link #connectionMade} once; data any number of times; {@link #eofReceived} at
 * most once; {@link #connectionLost} once (spec PROTO-1, PROTO-2).
 */
public sealed interface StreamProtocol extends BaseProtocol permits Protocol, BufferedProtocol {

  /** The connection is there. The first call, and exactly one. */
  default void connectionMade(Transport transport) throws Exception {}

  /**
   * The peer writes no more.
   *
   * @return false to have the transport close itself; true to keep it open for writing, where it
   *     can be half open, and to close it later (spec PROTO-6, PROTO-7)
   */
  default boolean eofReceived() throws Exception {
    return false;
  }
}
