package asyncio.net;

import java.nio.ByteBuffer;

/**
 * A protocol that offers its own buffer, into which the bytes are read.
 *
 * <p>The cheapest way to move much data: with a direct buffer that {@code write} is given as well,
 * no byte is copied on the heap. {@code write} keeps a copy of what cannot be sent at once, so the
 * buffer is free again when it returns. Nothing of the program runs between {@link #getBuffer} and
 * its {@link #bufferUpdated}: connections of one loop that use up their bytes there may share one
 * buffer.
 */
public non-sealed interface BufferedProtocol extends StreamProtocol {

  /**
   * Where to put the next bytes, from position to limit; they should have room for at least one.
   * Each call is followed by at most one {@link #bufferUpdated}, before the next call.
   *
   * @param sizeHint how many bytes would be of use; -1 if that is not known
   * @throws Exception is reported, and ends the connection (spec PROTO-14)
   */
  ByteBuffer getBuffer(int sizeHint) throws Exception;

  /**
   * {@code count} bytes, at least one, were put into the buffer, and its position moved behind
   * them.
   *
   * @throws Exception is reported, and ends the connection
   */
  void bufferUpdated(int count) throws Exception;
}
