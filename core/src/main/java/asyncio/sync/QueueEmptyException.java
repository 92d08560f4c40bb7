package asyncio.sync;

/** Thrown by {@link Queue#getNowait} of an empty queue. */
public final class QueueEmptyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueEmptyException(String message) {
    super(message);
  }
}
