package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.internal.net.StandardInput;
import asyncio.internal.net.StandardOutput;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Standard input and output of the program itself, as pipes (spec PIPE-14).
 *
 * <pre>{@code
 * for (String line : StandardStreams.openInput().utf8Lines()) {
 *   answer(line);
 * }
 * }</pre>
 *
 * <p>A daemon thread reads or writes the stream while a transport uses it, as another process may
 * have the same one, and would suffer from non-blocking mode. Such a thread does not keep the JVM
 * from ending.
 *
 * <p>Closing the transport leaves the stream itself open. What was read from standard input and not
 * delivered goes to the next who asks for {@link #in}.
 *
 * <p><b>Threading:</b> thread-safe. One transport at a time should use each stream.
 */
public final class StandardStreams {
  private StandardStreams() {}

  /**
   * A reader of standard input; its transport lasts until the loop is closed. A task that waits for
   * a line does not keep other tasks from running.
   *
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public static StreamReader openInput() throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    StreamReader reader = new StreamReader();
    loop.connectReadPipe(() -> new StreamReaderProtocol(reader), in());
    return reader;
  }

  /**
   * A writer to standard output. Close it, and wait for that, before the program ends: what is
   * still kept when the loop is closed is lost.
   *
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public static StreamWriter openOutput() throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    WritePipe<FlowControl> pipe = loop.connectWritePipe(() -> new FlowControl(loop), out());
    return new StreamWriter(pipe.transport(), pipe.protocol(), null);
  }

  /**
   * Standard input. What {@code System.in} has read ahead is lost to it, so use one or the other.
   */
  public static ReadableByteChannel in() {
    return new StandardInput();
  }

  /** Standard output; each write comes behind what was printed to {@code System.out}. */
  public static WritableByteChannel out() {
    return StandardOutput.out();
  }

  /** Standard error; each write comes behind what was printed to {@code System.err}. */
  public static WritableByteChannel err() {
    return StandardOutput.err();
  }
}
