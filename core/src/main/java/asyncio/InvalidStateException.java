package asyncio;

/** A future was asked for an outcome that it does not have yet, or given a second one. */
public final class InvalidStateException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public InvalidStateException(String message) {
    super(message);
  }
}
