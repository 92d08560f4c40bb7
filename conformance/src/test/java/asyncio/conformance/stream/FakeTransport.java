package asyncio.conformance.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.net.BaseProtocol;
import asyncio.net.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transport to nowhere, which writes down what it is asked for. */
class FakeTransport implements Transport {
  final List<String> trail = new ArrayList<>();
  final boolean overTls;
  boolean closing;

  FakeTransport() {
    this(false);
  }

  FakeTransport(boolean overTls) {
    this.overTls = overTls;
  }

  /** One that leaves out what need not be there. */
  static FakeTransport thatCannotPause() {
    return new FakeTransport() {
      @Override
      public void pauseReading() {
        trail.add("asked to pause");
        throw new UnsupportedOperationException("pauseReading()");
      }
    };
  }

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return switch (name) {
      case "peername" -> "nobody";
      case "sslcontext" -> overTls ? "context" : otherwise;
      default -> otherwise;
    };
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public void close() {
    closing = true;
    trail.add("close");
  }

  @Override
  public void abort() {
    closing = true;
    trail.add("abort");
  }

  @Override
  public boolean isReading() {
    return !closing;
  }

  @Override
  public void pauseReading() {
    trail.add("pause");
  }

  @Override
  public void resumeReading() {
    trail.add("resume");
  }

  @Override
  public void write(ByteBuffer data) {
    trail.add("write " + UTF_8.decode(data));
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> pieces) {
    trail.add("lines");
    pieces.forEach(this::write);
  }

  @Override
  public void writeEof() {
    trail.add("eof");
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    trail.add("protocol " + protocol);
  }

  @Override
  public String toString() {
    return "<fake>";
  }
}
