package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.Channel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;

/** How errors of the operating system get a text that says where they happened. */
final class IoErrors {
  private IoErrors() {}

  /** An error of the same kind, which says what was tried, with {@code e} as its cause. */
  static IOException explain(String attempt, IOException e) {
    String text = attempt + ": " + text(e);
    IOException explained =
        switch (e) {
          case ConnectException _ -> new ConnectException(text);
          case BindException _ -> new BindException(text);
          case NoRouteToHostException _ -> new NoRouteToHostException(text);
          case SocketException _ -> new SocketException(text);
          default -> new IOException(text);
        };
    explained.initCause(e);
    return explained;
  }

  /**
   * The I/O error that stands for an exception with which the JDK says that an address does not
   * suit a socket; anything else is rethrown.
   */
  static IOException ofAddress(String attempt, RuntimeException e) {
    if (e instanceof UnsupportedAddressTypeException
        || e instanceof UnresolvedAddressException
        || e instanceof UnsupportedOperationException) {
      String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      IOException error = new SocketException(attempt + ": " + text);
      error.initCause(e);
      return error;
    }
    throw e;
  }

  static String text(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** An address as users write it: {@code 127.0.0.1:80}, {@code [::1]:80}. */
  static String format(SocketAddress address) {
    if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
      String host = IpLiterals.format(inet.getAddress());
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }
    return address.toString();
  }

  /** Closes what is given up; that this fails changes nothing. */
  static void closeQuietly(IoHost host, Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      host.log(Level.DEBUG, "closing " + channel + " failed", e);
    }
  }
}
