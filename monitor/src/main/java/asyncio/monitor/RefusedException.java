package asyncio.monitor;

import java.io.Serial;

/** A request is not answered as asked; what is answered in its place. */
final class RefusedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  Response response() {
    return Response.text(status, getMessage() + "\n");
  }

  /** A stranger's bytes are no fault of ours: no stack. */
  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
