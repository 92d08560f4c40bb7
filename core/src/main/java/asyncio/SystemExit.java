package asyncio;

/**
 * Asks for the end of the program with a status.
 *
 * <p>An exit throwable: it leaves the loop at once instead of ending one callback, passing through
 * {@code run}, which cleans up. If nothing catches it, the process ends with {@link #status}.
 */
public final class SystemExit extends Error {
  private static final long serialVersionUID = 1L;

  private final int status;

  public SystemExit(int status) {
    super("exit status " + status);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
