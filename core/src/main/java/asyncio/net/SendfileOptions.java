package asyncio.net;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a file to send, and how. Immutable: each {@code with} method returns changed
 * options.
 *
 * @param offset where in the file to begin, in bytes
 * @param count how many bytes to send, if the file has so many; null for all up to its end
 * @param fallback whether the file may be read in the executor and written, where the operating
 *     system cannot send it by itself
 */
public record SendfileOptions(long offset, @Nullable Long count, boolean fallback) {

  /** The whole file, in whichever way. */
  public static final SendfileOptions DEFAULT = new SendfileOptions(0, null, true);

  /**
   * @throws IllegalArgumentException if {@code offset} is negative, or {@code count} not positive
   */
  public SendfileOptions {
    if (offset < 0) {
      throw new IllegalArgumentException("offset must be a non-negative integer, not " + offset);
    }
    if (count != null && count <= 0) {
      throw new IllegalArgumentException(
          "count must be a positive integer, not " + count + "; leave it out to send all");
    }
  }

  /** The same, from {@code offset} on. */
  public SendfileOptions withOffset(long offset) {
    return new SendfileOptions(offset, count, fallback);
  }

  /** The same, for {@code count} bytes at most. */
  public SendfileOptions withCount(long count) {
    return new SendfileOptions(offset, count, fallback);
  }

  /** The same, with or without the fallback. */
  public SendfileOptions withFallback(boolean fallback) {
    return new SendfileOptions(offset, count, fallback);
  }
}
