package asyncio.net;

import java.io.IOException;

/**
 * A separator was not found within a stream reader's limit.
 *
 * <p>After {@link StreamReader#readUntil} everything is still in the reader: {@code
 * readExactly(consumed())} gets what was looked at without result, and the next search goes on
 * behind it. {@link StreamReader#readLine} has dropped the line.
 */
public final class LimitOverrunException extends IOException {
  private static final long serialVersionUID = 1;

  private final int consumed;

  /**
   * @param consumed how many bytes can be read without losing a separator
   */
  public LimitOverrunException(String message, int consumed) {
    super(message);
    this.consumed = consumed;
  }

  /**
   * How many bytes from the start can be read without losing a separator: those before it if it was
   * found, else those that it cannot begin in.
   */
  public int consumed() {
    return consumed;
  }
}
