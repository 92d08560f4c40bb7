package asyncio.process;

import asyncio.Signal;
import asyncio.net.BaseTransport;
import asyncio.net.ReadTransport;
import asyncio.net.WriteTransport;
import org.jspecify.annotations.Nullable;

/**
 * A child process as its protocol sees it (PEP 3156 'Subprocess transports').
 *
 * <p>{@link #close} closes the pipes and kills the process if it still runs; the protocol then
 * hears of both (spec PROC-22). {@code getExtraInfo("subprocess")} is the {@link
 * java.lang.Process}.
 *
 * <p><b>Threading:</b> loop-confined. Nothing here suspends.
 */
public interface SubprocessTransport extends BaseTransport {

  /** The process id. */
  long pid();

  /**
   * How the process ended, or null while it runs: its exit status, or −N if signal N ended it.
   *
   * <p>The JDK gives one number for both, and statuses from 129 to 192 are taken for signals; see
   * {@link #exitValue}.
   */
  @Nullable Integer returncode();

  /**
   * The number as the JDK has it, or null while the process runs: an exit status from 129 to 192
   * and 128 + N for a death by signal N look the same.
   */
  @Nullable Integer exitValue();

  /**
   * The transport of a pipe.
   *
   * @param fd 0, 1 or 2
   * @return a {@link WriteTransport} for 0, a {@link ReadTransport} for 1 and 2; null if that
   *     stream is no pipe
   */
  default @Nullable BaseTransport pipeTransport(int fd) {
    return switch (fd) {
      case 0 -> stdin();
      case 1 -> stdout();
      case 2 -> stderr();
      default -> null;
    };
  }

  /** The pipe to standard input, or null. */
  @Nullable WriteTransport stdin();

  /** The pipe from standard output, or null. */
  @Nullable ReadTransport stdout();

  /** The pipe from standard error, or null. */
  @Nullable ReadTransport stderr();

  /**
   * Sends a signal. {@link Signal#TERM} and {@link Signal#KILL} arrive before this returns; others
   * are sent by a helper process, in order, soon.
   *
   * @throws ProcessLookupException if the process has ended
   */
  void sendSignal(Signal signal);

  /**
   * As {@link #sendSignal(Signal)}, by the number that this system gives the signal; for those that
   * {@link Signal} does not have.
   */
  void sendSignal(int number);

  /** Asks the process to end: {@link Signal#TERM}. */
  default void terminate() {
    sendSignal(Signal.TERM);
  }

  /** Ends the process at once: {@link Signal#KILL}. Children of its own may live on. */
  default void kill() {
    sendSignal(Signal.KILL);
  }
}
