package asyncio.internal.process;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * The pipes of one child process that is being started: how the child gets its ends, and what this
 * process has of them.
 *
 * <p><b>Order:</b> ends for the child are asked for; then either {@link #started} and this side's
 * ends, or {@link #close} alone.
 *
 * <p><b>Threading:</b> one thread, not a loop's.
 */
interface ChildPipes extends AutoCloseable {

  /** Makes a pipe for the child's descriptor {@code fd}, and says how the child gets its end. */
  ProcessBuilder.Redirect newPipe(int fd) throws IOException;

  /** Says how the child gets an end of the program's pipe as its descriptor {@code fd}. */
  ProcessBuilder.Redirect sharedPipe(int fd, Pipe pipe) throws IOException;

  /** The child has its ends. */
  void started(Process process) throws IOException;

  /** This side's end of the pipe to standard input. */
  WritableByteChannel stdin();

  /** This side's end of the pipe from descriptor 1 or 2. */
  ReadableByteChannel output(int fd);

  /** The child was not started, or nobody wants it: closes what was made. */
  @Override
  void close();
}
