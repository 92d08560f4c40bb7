package asyncio.sync;

/**
 * Thrown by {@code put} of a queue that was shut down, and by {@code get} once such a queue is
 * empty.
 */
public final class QueueShutDownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueShutDownException(String message) {
    super(message);
  }
}
