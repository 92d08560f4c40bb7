package asyncio.internal.net;

import asyncio.net.BrokenPipeException;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The transport of the end of a pipe that is written (spec PIPE-6 to PIPE-12).
 *
 * <p>Its protocol hears of {@code connectionMade}, {@code pauseWriting}, {@code resumeWriting} and
 * {@code connectionLost} only.
 */
public final class WritePipeTransport extends ChannelTransport {
  private final Channel pipe;
  private final WritableByteChannel sink;

  private WritePipeTransport(
      Network network,
      Channel pipe,
      WritableByteChannel sink,
      Place place,
      StreamProtocol protocol,
      Object context)
      throws IOException {
    this.pipe = pipe;
    this.sink = sink;
    super(network, sink, place, protocol, context);
  }

  /**
   * Takes over a pipe. One that can be selected is in non-blocking mode; any other is written by a
   * thread of its own.
   *
   * @throws IOException if it is closed
   */
  public static WritePipeTransport on(
      Network network, WritableByteChannel pipe, StreamProtocol protocol, Object context)
      throws IOException {
    if (pipe instanceof SelectableChannel selectable) {
      return new WritePipeTransport(
          network,
          pipe,
          pipe,
          transport -> network.register(selectable, transport),
          protocol,
          context);
    }
    ThreadedSink sink = new ThreadedSink(network, pipe);
    return new WritePipeTransport(network, pipe, sink, sink::place, protocol, context);
  }

  @Override
  int writeChannel(ByteBuffer bytes) throws IOException {
    return sink.write(bytes);
  }

  @Override
  boolean dropsWritesWhileClosing() {
    return true;
  }

  /** Closes the pipe once all is sent: there is no other direction (spec PIPE-7). */
  @Override
  public void writeEof() {
    close();
  }

  @Override
  void endWriting() {
    throw new AssertionError("writeEof() closes");
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  /**
   * Of a socket: looks whether the reader is still there; what it sends is dropped. Other pipes
   * cannot be read.
   */
  @Override
  int readChannel(ByteBuffer target) {
    int count;
    try {
      count = pipe instanceof ReadableByteChannel socket ? socket.read(target) : 0;
    } catch (IOException e) {
      count = -1;
    }
    if (count < 0) {
      if (bufferSize() > 0) {
        fail(new BrokenPipeException("the reader of " + peer() + " is gone"), "");
      } else {
        close();
      }
    }
    return 0;
  }

  /** Has the protocol told of the connection, and then reading begin, soon. */
  public void begin() {
    start(null);
  }

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return name.equals("pipe") ? pipe : otherwise;
  }

  // ---- texts

  @Override
  public String kind() {
    return "pipe";
  }

  @Override
  String peer() {
    return String.valueOf(pipe);
  }
}
