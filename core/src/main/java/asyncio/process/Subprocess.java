package asyncio.process;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gather;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Signal;
import asyncio.Suspends;
import asyncio.internal.process.ChildTransport;
import asyncio.net.BaseTransport;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A child process, for tasks.
 *
 * <pre>{@code
 * try (var sort = createSubprocessExec(List.of("sort"), ProcessOptions.PIPES)) {
 *   var output = sort.communicateWith("b\na\n".getBytes());
 *   System.out.println(output.stdoutUtf8() + sort.returncode());
 * }
 * }</pre>
 *
 * <p>A child whose output nobody reads waits once a pipe is full, and so does who waits for its
 * end: read the streams, or use {@link #communicate}, which does all at the same time.
 *
 * <p>In a try-with-resources statement no process is left behind, whatever ends the block, a
 * cancellation included: see {@link #close}.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> of a wait or of {@code communicate} leaves the process running; {@link
 * #close} or {@link #kill} ends it (spec PROC-27 to PROC-40).
 */
public final class Subprocess implements AutoCloseable {
  private static final byte[] NOTHING = {};

  private final ChildTransport transport;
  private final SubprocessStreams streams;

  private Subprocess(ChildProcess<SubprocessStreams> child) {
    this.transport = (ChildTransport) child.transport();
    this.streams = child.protocol();
  }

  /** As {@link Asyncio#createSubprocessExec(List, ProcessOptions)}. */
  @Suspends
  public static Subprocess exec(List<String> command, ProcessOptions options) throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    return new Subprocess(
        loop.subprocessExec(
            () -> new SubprocessStreams(loop, options.limit()), command, inheriting(options)));
  }

  /** As {@link Asyncio#createSubprocessShell(String, ProcessOptions)}. */
  @Suspends
  public static Subprocess shell(String command, ProcessOptions options) throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    return new Subprocess(
        loop.subprocessShell(
            () -> new SubprocessStreams(loop, options.limit()), command, inheriting(options)));
  }

  /** What is not said is inherited (spec PROC-2). */
  private static ProcessOptions inheriting(ProcessOptions options) {
    return options
        .withStdin(orInherited(options.stdin()))
        .withStdout(orInherited(options.stdout()))
        .withStderr(orInherited(options.stderr()));
  }

  private static Redirect orInherited(@Nullable Redirect stream) {
    return stream == null ? Redirect.INHERIT : stream;
  }

  // ---- the process

  /** The process id. */
  public long pid() {
    return transport.pid();
  }

  /**
   * How the process ended, or null as long as that was not noticed: its exit status, or −N if
   * signal N ended it; see {@link SubprocessTransport#returncode}.
   */
  public @Nullable Integer returncode() {
    return transport.returncode();
  }

  /** The number as the JDK has it; see {@link SubprocessTransport#exitValue}. */
  public @Nullable Integer exitValue() {
    return transport.exitValue();
  }

  /**
   * Waits until the process has ended; not for its output, which a child of its own may hold open.
   * Any number of tasks may wait.
   *
   * @return the return code
   */
  @Suspends
  public int waitForExit() {
    return transport.whenExited().await();
  }

  // ---- the streams

  /** Writes to standard input; null if that is no pipe. */
  public @Nullable StreamWriter stdin() {
    return streams.stdin;
  }

  /** Reads standard output; null if that is no pipe. */
  public @Nullable StreamReader stdout() {
    return streams.stdout;
  }

  /** Reads standard error; null if that is no pipe. */
  public @Nullable StreamReader stderr() {
    return streams.stderr;
  }

  /**
   * Closes standard input, reads the outputs to their ends, and waits until the process has ended.
   *
   * @return all that is still unread of the outputs
   * @throws IOException if reading fails
   */
  @Suspends
  public ProcessOutput communicate() throws IOException {
    return communicate(null);
  }

  /**
   * As {@link #communicate}, and writes {@code input} to standard input first, while it reads. A
   * child that does not read all of it is no error.
   *
   * @throws IllegalStateException if standard input is no pipe
   */
  @Suspends
  public ProcessOutput communicateWith(byte[] input) throws IOException {
    if (streams.stdin == null) {
      throw new IllegalStateException(
          "standard input of " + this + " is no pipe; start it with withStdin(Redirect.PIPE)");
    }
    return communicate(input);
  }

  private ProcessOutput communicate(byte @Nullable [] input) throws IOException {
    Future<List<byte[]>> all =
        gather(
            () -> feed(input),
            () -> readAll(streams.stdout, transport.stdout()),
            () -> readAll(streams.stderr, transport.stderr()));
    List<byte[]> read = await(all, IOException.class);
    waitForExit();
    return new ProcessOutput(
        streams.stdout == null ? null : read.get(1), streams.stderr == null ? null : read.get(2));
  }

  private byte[] feed(byte @Nullable [] input) throws IOException {
    StreamWriter writer = streams.stdin;
    if (writer == null) {
      return NOTHING;
    }
    try {
      if (input != null) {
        writer.write(input);
      }
      writer.drain();
    } catch (BrokenPipeException | ConnectionResetException e) {
      // the child does not want it (spec PROC-34)
    }
    writer.close();
    return NOTHING;
  }

  private static byte[] readAll(@Nullable StreamReader reader, @Nullable BaseTransport pipe)
      throws IOException {
    if (reader == null || pipe == null) {
      return NOTHING;
    }
    byte[] all = reader.readAll();
    pipe.close();
    return all;
  }

  // ---- signals

  /**
   * Sends a signal; see {@link SubprocessTransport#sendSignal(Signal)}.
   *
   * @throws ProcessLookupException if the process has ended
   */
  public void sendSignal(Signal signal) {
    transport.sendSignal(signal);
  }

  /** As {@link #sendSignal(Signal)}, by the number that this system gives the signal. */
  public void sendSignal(int number) {
    transport.sendSignal(number);
  }

  /** Asks the process to end: {@link Signal#TERM}. */
  public void terminate() {
    transport.terminate();
  }

  /** Ends the process at once: {@link Signal#KILL}. Children of its own may live on. */
  public void kill() {
    transport.kill();
  }

  /**
   * Closes the pipes, and kills the process if it still runs. Does not wait. Does nothing if the
   * process has ended and its pipes are closed.
   */
  @Override
  public void close() {
    transport.close();
  }

  @Override
  public String toString() {
    return "<Subprocess " + transport.pid() + ">";
  }
}
