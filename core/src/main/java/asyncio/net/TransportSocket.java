package asyncio.net;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a program may see and set of a socket that a transport or a server uses: its addresses and
 * options, not its data and not its end (spec TR-45). It is the value of {@code
 * transport.getExtraInfo("socket")}.
 */
public interface TransportSocket {

  /** The family of the socket's addresses. */
  ProtocolFamily family();

  /** Whether it is a stream or takes datagrams. */
  SocketType type();

  /** The local address; null if it has none. Known also after the socket was closed. */
  @Nullable SocketAddress getsockname();

  /** The peer's address; null if it has none. Known also after the socket was closed. */
  @Nullable SocketAddress getpeername();

  /** The options that it has. */
  Set<SocketOption<?>> supportedOptions();

  /**
   * The value of an option.
   *
   * @throws IOException if the socket is closed
   */
  <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

  /**
   * Sets an option.
   *
   * @throws IOException if the socket is closed
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /** Whether the socket can still be used. */
  boolean isOpen();

  /**
   * Accepts 'not blocking' only, which it is already.
   *
   * @throws IllegalArgumentException if {@code blocking} is true
   */
  default void setBlocking(boolean blocking) {
    if (blocking) {
      throw new IllegalArgumentException(
          "setBlocking(true): the loop needs this socket not to block");
    }
  }
}
