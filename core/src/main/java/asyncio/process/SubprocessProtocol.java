package asyncio.process;

import asyncio.net.BaseProtocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a child process (PEP 3156 'Subprocess protocol').
 *
 * <p><b>Order:</b> {@link #connectionMade} first; then, for each pipe, its data and at last {@link
 * #pipeConnectionLost}; {@link #processExited} once, before or after any of these; {@link
 * #connectionLost} with null when all that is over (spec PROC-10 to PROC-16). {@code pauseWriting}
 * and {@code resumeWriting} are about the pipe to standard input.
 *
 * <p>All methods do nothing unless they are overridden. An exception that one throws is reported,
 * and changes nothing else.
 */
public interface SubprocessProtocol extends BaseProtocol {

  /** The process was started. */
  default void connectionMade(SubprocessTransport transport) throws Exception {}

  /**
   * The child has written.
   *
   * @param fd 1 for standard output, 2 for standard error
   * @param data the bytes between position and limit, in an array of their own: they may be kept
   */
  default void pipeDataReceived(int fd, ByteBuffer data) throws Exception {}

  /**
   * A pipe is closed, by the child or by this side.
   *
   * @param fd 0 for standard input, 1 for standard output, 2 for standard error
   * @param exception null if it ended regularly
   */
  default void pipeConnectionLost(int fd, @Nullable Throwable exception) throws Exception {}

  /** The process has ended; {@link SubprocessTransport#returncode} says how. */
  default void processExited() throws Exception {}
}
