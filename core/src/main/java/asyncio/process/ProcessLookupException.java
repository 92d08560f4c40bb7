package asyncio.process;

/** The process that was to get a signal has ended. */
public final class ProcessLookupException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ProcessLookupException(String message) {
    super(message);
  }
}
