package asyncio.net;

import java.nio.ByteBuffer;

/** A protocol that is handed the bytes as they arrive. */
public non-sealed interface Protocol extends StreamProtocol {

  /**
   * Bytes have arrived, at least one. Where they are cut means nothing.
   *
   * @param data the bytes between position and limit, in an array of their own: they may be kept
   * @throws Exception is reported, and ends the connection (spec PROTO-12)
   */
  default void dataReceived(ByteBuffer data) throws Exception {}
}
