package asyncio;

/**
 * Takes what went wrong in a loop and has no other taker (spec EXC-1 to EXC-14).
 *
 * @see EventLoop#setExceptionHandler
 */
@FunctionalInterface
public interface ExceptionHandler {

  /** Handles one report; it runs at once, on the loop's thread or in the task that reports. */
  void handle(EventLoop loop, ErrorContext context);
}
