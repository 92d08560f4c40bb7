package asyncio.net;

/**
 * The marks of flow control, in bytes: writing is paused when more than {@code high} is kept, and
 * resumed at {@code low} (spec FLOW-2 to FLOW-5).
 */
public record WriteBufferLimits(int low, int high) {

  /** The marks of plain transports: 16 KiB and 64 KiB. */
  public static final WriteBufferLimits DEFAULT = new WriteBufferLimits(16 * 1024, 64 * 1024);

  /** A high mark, with the low one at a quarter of it. */
  public static WriteBufferLimits ofHigh(int high) {
    return new WriteBufferLimits(high / 4, high);
  }

  /** A low mark, with the high one at four times of it. */
  public static WriteBufferLimits ofLow(int low) {
    return new WriteBufferLimits(low, (int) Math.min(4L * low, Integer.MAX_VALUE));
  }

  /**
   * @throws IllegalArgumentException unless {@code high ≥ low ≥ 0}
   */
  public WriteBufferLimits {
    if (low < 0 || high < low) {
      throw new IllegalArgumentException(
          "high (" + high + ") must be >= low (" + low + ") must be >= 0");
    }
  }
}
