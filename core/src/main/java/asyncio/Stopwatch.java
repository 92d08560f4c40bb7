package asyncio;

/**
 * Adds up spans of time, the one that goes on included.
 *
 * <p><b>Threading:</b> one thread starts and stops; any thread may read, and sees a whole state,
 * though it may be a moment old.
 */
final class Stopwatch {
  /*
   * One number, so that a reader never sees half of a change: twice the total while stopped; while started, twice the time
   * at which it would have been started for the total to be what has passed since, plus 1.
   */
  private long state;

  void start(long now) {
    state = ((now - (state >> 1)) << 1) | 1;
  }

  void stop(long now) {
    if ((state & 1) != 0) {
      state = (now - (state >> 1)) << 1;
    }
  }

  /** The total in nanoseconds, as it is at {@code now}. */
  long total(long now) {
    long seen = state;
    return (seen & 1) == 0 ? seen >> 1 : Math.max(now - (seen >> 1), 0);
  }
}
