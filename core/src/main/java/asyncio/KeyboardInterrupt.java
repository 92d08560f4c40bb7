package asyncio;

/**
 * The user asked the program to stop, by Ctrl-C.
 *
 * <p>An exit throwable: it leaves the loop at once instead of ending one callback. If nothing
 * catches it, the process ends with status 130.
 */
public final class KeyboardInterrupt extends Error {
  private static final long serialVersionUID = 1L;

  public KeyboardInterrupt() {}

  public KeyboardInterrupt(String message) {
    super(message);
  }
}
