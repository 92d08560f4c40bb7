package asyncio.internal.process;

import java.nio.ByteBuffer;

/**
 * A protocol of child processes that takes the bytes out of the transport's own buffer, which
 * spares a copy: it is called instead of {@code pipeDataReceived}.
 */
public interface PipeData {

  /**
   * The child has written at least one byte.
   *
   * @param fd 1 or 2
   * @param loopBuffer the bytes between position and limit; valid during the call only, in which
   *     all of them are to be taken
   */
  void pipeData(int fd, ByteBuffer loopBuffer);
}
