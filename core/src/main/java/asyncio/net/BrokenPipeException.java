package asyncio.net;

import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** Data could not be sent, since the peer no longer takes any. */
public final class BrokenPipeException extends SocketException {
  private static final long serialVersionUID = 1;

  public BrokenPipeException(String message) {
    this(message, null);
  }

  public BrokenPipeException(String message, @Nullable Throwable cause) {
    super(message);
    initCause(cause);
  }
}
