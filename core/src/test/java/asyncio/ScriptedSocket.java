package asyncio;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** A connected channel that does what a test says, and writes down what it is asked for. */
final class ScriptedSocket extends SocketChannel {

  /** What a read or a write does, given the buffer. */
  @FunctionalInterface
  interface Script {
    int run(ByteBuffer buffer) throws IOException;
  }

  /** The calls: {@code read 65536} with the room that is offered, {@code write 3} and so on. */
  final List<String> calls = new ArrayList<>();

  /** What the next reads do; without one, there is nothing to read. */
  final Deque<Script> reads = new ArrayDeque<>();

  /** What the next writes do; without one, all is taken. */
  final Deque<Script> writes = new ArrayDeque<>();

  long bytesOffered;
  int largestOffer;
  boolean sawHeapBuffer;

  ScriptedSocket() {
    super(SelectorProvider.provider());
  }

  /** Takes {@code count} bytes at most. */
  static Script take(int count) {
    return buffer -> {
      int taken = Math.min(count, buffer.remaining());
      buffer.position(buffer.position() + taken);
      return taken;
    };
  }

  /** Gives {@code count} bytes, if there is room. */
  static Script give(int count) {
    return take(count);
  }

  static Script fail(IOException e) {
    return _ -> {
      throw e;
    };
  }

  private void note(String call, ByteBuffer buffer) {
    calls.add(call + " " + buffer.remaining());
    bytesOffered += buffer.remaining();
    largestOffer = Math.max(largestOffer, buffer.remaining());
    sawHeapBuffer |= !buffer.isDirect();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    note("read", target);
    Script script = reads.poll();
    return script == null ? 0 : script.run(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    note("write", source);
    Script script = writes.poll();
    return (script == null ? take(Integer.MAX_VALUE) : script).run(source);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw new AssertionError("scattering read");
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new AssertionError("gathering write");
  }

  @Override
  public SocketChannel shutdownOutput() {
    calls.add("shutdownOutput");
    return this;
  }

  @Override
  public SocketChannel shutdownInput() {
    throw new AssertionError("shutdownInput does not stop the peer");
  }

  @Override
  protected void implCloseSelectableChannel() {
    calls.add("close");
  }

  @Override
  protected void implConfigureBlocking(boolean block) {}

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isConnectionPending() {
    return false;
  }

  @Override
  public SocketAddress getLocalAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public SocketAddress getRemoteAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
  }

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) {
    calls.add(name.name() + " " + value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Set.of();
  }

  @Override
  public SocketChannel bind(SocketAddress local) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean connect(SocketAddress remote) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean finishConnect() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket socket() {
    throw new UnsupportedOperationException();
  }
}
