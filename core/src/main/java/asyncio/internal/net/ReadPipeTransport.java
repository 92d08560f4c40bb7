package asyncio.internal.net;

import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * The transport of the end of a pipe that is read (spec PIPE-1 to PIPE-5).
 *
 * <p>It is a {@code Transport}, since that is what stream protocols are given; what belongs to
 * writing throws {@link UnsupportedOperationException}.
 */
public final class ReadPipeTransport extends ChannelTransport {
  private final Channel pipe;
  private final ReadableByteChannel source;

  private ReadPipeTransport(
      Network network,
      Channel pipe,
      ReadableByteChannel source,
      Place place,
      StreamProtocol protocol,
      Object context)
      throws IOException {
    this.pipe = pipe;
    this.source = source;
    super(network, source, place, protocol, context);
  }

  /**
   * Takes over a pipe. One that can be selected is in non-blocking mode; any other is read by a
   * thread of its own.
   *
   * @throws IOException if it is closed
   */
  public static ReadPipeTransport on(
      Network network, ReadableByteChannel pipe, StreamProtocol protocol, Object context)
      throws IOException {
    if (pipe instanceof SelectableChannel selectable) {
      return new ReadPipeTransport(
          network,
          pipe,
          pipe,
          transport -> network.register(selectable, transport),
          protocol,
          context);
    }
    ThreadedSource source = new ThreadedSource(network, pipe);
    return new ReadPipeTransport(network, pipe, source, source::place, protocol, context);
  }

  @Override
  int readChannel(ByteBuffer target) throws IOException {
    return source.read(target);
  }

  @Override
  Throwable readError(Throwable t) {
    return t; // no connection that could be reset
  }

  @Override
  boolean reportsIoErrors() {
    return true;
  }

  @Override
  boolean staysOpenAfterEof() {
    return false;
  }

  /** Has the protocol told of the connection, and then reading begin, soon. */
  public void begin() {
    start(null);
  }

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return name.equals("pipe") ? pipe : otherwise;
  }

  // ---- no writing

  @Override
  public void write(ByteBuffer data) {
    throw noWriting("write");
  }

  @Override
  int writeChannel(ByteBuffer bytes) {
    throw noWriting("write");
  }

  @Override
  public void writeEof() {
    throw noWriting("writeEof");
  }

  @Override
  void endWriting() {
    throw noWriting("writeEof");
  }

  @Override
  public boolean canWriteEof() {
    return false;
  }

  private UnsupportedOperationException noWriting(String method) {
    return new UnsupportedOperationException(
        method + "(): " + this + " only reads; write to the other end of the pipe");
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
