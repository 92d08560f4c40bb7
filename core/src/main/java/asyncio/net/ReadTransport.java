package asyncio.net;

/** A transport that data comes from. */
public interface ReadTransport extends BaseTransport {

  /** Whether data is being delivered: neither paused nor closing (spec TR-39). */
  default boolean isReading() {
    throw Unsupported.by(this, "isReading");
  }

  /**
   * Stops delivering data, and reading it, so that the peer feels it; nothing is lost (spec TR-38,
   * TR-40). Does nothing if reading is paused or the transport closing.
   */
  default void pauseReading() {
    throw Unsupported.by(this, "pauseReading");
  }

  /** Delivers data again. Does nothing if reading is not paused or the transport closing. */
  default void resumeReading() {
    throw Unsupported.by(this, "resumeReading");
  }
}
