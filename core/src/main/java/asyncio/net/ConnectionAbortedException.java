package asyncio.net;

import java.net.SocketException;

/** This side has given the connection up: its handshake took too long. */
public final class ConnectionAbortedException extends SocketException {
  private static final long serialVersionUID = 1;

  public ConnectionAbortedException(String message) {
    super(message);
  }
}
