package asyncio.net;

import java.io.EOFException;
import org.jspecify.annotations.Nullable;

/** A stream has ended before all that was to be read had come. */
public final class IncompleteReadException extends EOFException {
  private static final long serialVersionUID = 1;

  private final byte[] partial;
  private final @Nullable Integer expected;

  /**
   * @param partial what had come, and is no longer in the reader
   * @param expected how many bytes were to be read; null if a separator was waited for
   */
  public IncompleteReadException(byte[] partial, @Nullable Integer expected) {
    super(
        "the stream ended after "
            + partial.length
            + " bytes; expected: "
            + (expected == null ? "undefined, up to a separator" : expected)
            + "; what had come is in partial()");
    this.partial = partial;
    this.expected = expected;
  }

  /** The bytes that had come; they are no longer in the reader. */
  public byte[] partial() {
    return partial;
  }

  /** How many bytes were to be read; null if a separator was waited for. */
  public @Nullable Integer expected() {
    return expected;
  }
}
