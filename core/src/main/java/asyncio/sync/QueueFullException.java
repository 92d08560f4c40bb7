package asyncio.sync;

/** Thrown by {@link Queue#putNowait} of a full queue. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueFullException(String message) {
    super(message);
  }
}
