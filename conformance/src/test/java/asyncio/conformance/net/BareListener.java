package asyncio.conformance.net;

import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A listener that has no options and cannot be bound: it can only be closed. */
class BareListener extends ServerSocketChannel {
  BareListener(SelectorProvider provider) {
    super(provider);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Set.of();
  }

  @Override
  public ServerSocketChannel bind(SocketAddress address, int backlog) {
    throw new AssertionError("is bound to " + address);
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
    throw new UnsupportedOperationException(name.toString());
  }

  @Override
  public <T> T getOption(SocketOption<T> name) {
    throw new UnsupportedOperationException(name.toString());
  }

  @Override
  public SocketAddress getLocalAddress() {
    return null;
  }

  @Override
  public ServerSocket socket() {
    throw new UnsupportedOperationException();
  }

  @Override
  public SocketChannel accept() {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void implCloseSelectableChannel() {}

  @Override
  protected void implConfigureBlocking(boolean block) {}
}
