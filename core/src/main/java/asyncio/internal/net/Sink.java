package asyncio.internal.net;

import java.nio.ByteBuffer;

/**
 * A protocol that takes the bytes out of the transport's own buffer, which spares a copy: a
 * transport of this library calls {@link #received} instead of {@code dataReceived}.
 */
public interface Sink {

  /**
   * Bytes have arrived, at least one. The rules of {@code Protocol.dataReceived} hold, but for one.
   *
   * @param loopBuffer the bytes between position and limit; valid during the call only, in which
   *     all of them are to be taken
   */
  void received(ByteBuffer loopBuffer);
}
