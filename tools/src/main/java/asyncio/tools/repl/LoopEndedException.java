package asyncio.tools.repl;

/** The loop of the session has ended while a snippet ran, or before it. */
final class LoopEndedException extends Exception {
  private static final long serialVersionUID = 1;

  LoopEndedException(String message) {
    super(message);
  }
}
