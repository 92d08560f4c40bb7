package asyncio.process;

import asyncio.Suspends;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/**
 * What an event loop does for child processes (PEP 3156 'Subprocesses'). A loop without I/O throws
 * {@link UnsupportedOperationException}.
 *
 * <p>A process is started beside the loop, which goes on meanwhile. No thread of this library is
 * kept for a process or a pipe of one on Linux, where pipes are selected; elsewhere a daemon thread
 * moves the bytes of each pipe. The JDK has one small thread for each process that runs.
 *
 * <p><b>Cancellation:</b> a start that is cancelled kills the process, and ends when that is gone
 * (spec PROC-9).
 */
public interface ProcessLoop {

  /**
   * Starts a program and makes a transport for it; returns after {@code connectionMade} has run
   * (spec PROC-1 to PROC-26). All three streams are pipes unless the options say otherwise.
   *
   * @param command the program and its arguments. A program without a slash is looked up in the
   *     {@code PATH} of this process, whatever the environment in the options is
   * @throws java.nio.file.NoSuchFileException if there is no such program, or directory
   * @throws java.nio.file.AccessDeniedException if it may not be executed
   * @throws IOException if the system cannot start it
   * @throws IllegalArgumentException if {@code command} is empty or has a null byte
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  default <P extends SubprocessProtocol> ChildProcess<P> subprocessExec(
      Supplier<? extends P> factory, List<String> command, ProcessOptions options)
      throws IOException {
    throw new UnsupportedOperationException(
        "subprocessExec() is not implemented by " + getClass().getName());
  }

  /**
   * As {@link #subprocessExec}, for a command line that the system's shell reads: {@code /bin/sh},
   * on Windows {@code cmd.exe}.
   */
  @Suspends
  default <P extends SubprocessProtocol> ChildProcess<P> subprocessShell(
      Supplier<? extends P> factory, String command, ProcessOptions options) throws IOException {
    throw new UnsupportedOperationException(
        "subprocessShell() is not implemented by " + getClass().getName());
  }
}
