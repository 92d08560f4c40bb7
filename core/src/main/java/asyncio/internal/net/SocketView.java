package asyncio.internal.net;

import asyncio.net.SocketType;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The view of a channel that programs get. */
record SocketView(
    NetworkChannel channel,
    @Nullable SocketAddress getsockname,
    @Nullable SocketAddress getpeername)
    implements TransportSocket {

  @Override
  public ProtocolFamily family() {
    return familyOf(getsockname != null ? getsockname : getpeername);
  }

  static ProtocolFamily familyOf(@Nullable SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress _ -> StandardProtocolFamily.UNIX;
      case InetSocketAddress a when a.getAddress() instanceof Inet6Address ->
          StandardProtocolFamily.INET6;
      case null, default -> StandardProtocolFamily.INET;
    };
  }

  @Override
  public SocketType type() {
    return channel instanceof DatagramChannel ? SocketType.DGRAM : SocketType.STREAM;
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return channel.supportedOptions();
  }

  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return channel.getOption(option);
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, value);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public String toString() {
    return "<TransportSocket "
        + (isOpen() ? "" : "[closed] ")
        + "sockname="
        + getsockname
        + (getpeername == null ? "" : " peername=" + getpeername)
        + ">";
  }
}
