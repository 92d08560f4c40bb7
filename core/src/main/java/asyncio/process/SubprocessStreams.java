package asyncio.process;

import asyncio.EventLoop;
import asyncio.internal.process.PipeData;
import asyncio.net.FlowControl;
import asyncio.net.ReadTransport;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.WriteTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Turns the pipes of a child process into streams; loop-confined. */
final class SubprocessStreams implements SubprocessProtocol, PipeData {
  private final EventLoop loop;
  private final int limit;

  /** Of the pipe to standard input. */
  private final FlowControl input;

  @Nullable StreamWriter stdin;
  @Nullable StreamReader stdout;
  @Nullable StreamReader stderr;

  SubprocessStreams(EventLoop loop, int limit) {
    this.loop = loop;
    this.limit = limit;
    this.input = new FlowControl(loop);
  }

  @Override
  public void connectionMade(SubprocessTransport transport) {
    WriteTransport toChild = transport.stdin();
    if (toChild != null) {
      stdin = new StreamWriter(toChild, input, null);
    }
    stdout = reader(transport.stdout());
    stderr = reader(transport.stderr());
  }

  private @Nullable StreamReader reader(@Nullable ReadTransport fromChild) {
    if (fromChild == null) {
      return null;
    }
    StreamReader reader = new StreamReader(limit, loop);
    reader.setTransport(fromChild);
    return reader;
  }

  private @Nullable StreamReader readerOf(int fd) {
    return fd == 1 ? stdout : stderr;
  }

  @Override
  public void pipeData(int fd, ByteBuffer loopBuffer) {
    StreamReader reader = readerOf(fd);
    if (reader != null) {
      reader.feedData(loopBuffer);
    }
  }

  @Override
  public void pipeConnectionLost(int fd, @Nullable Throwable exception) {
    if (fd == 0) {
      input.connectionLost(exception);
      return;
    }
    StreamReader reader = readerOf(fd);
    if (reader == null) {
      return;
    }
    if (exception == null) {
      reader.feedEof();
    } else {
      reader.setException(exception);
    }
  }

  @Override
  public void pauseWriting() {
    input.pauseWriting();
  }

  @Override
  public void resumeWriting() {
    input.resumeWriting();
  }
}
