package asyncio.net;

import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** The peer has broken the connection. */
public final class ConnectionResetException extends SocketException {
  private static final long serialVersionUID = 1;

  public ConnectionResetException(String message) {
    this(message, null);
  }

  public ConnectionResetException(String message, @Nullable Throwable cause) {
    super(message);
    initCause(cause);
  }
}
