package asyncio.sync;

/** Passing on what a wait ended with. */
final class Waits {

  private Waits() {}

  /** Throws {@code t}, which no wait declares as checked. Never returns. */
  static RuntimeException unchecked(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) t;
  }
}
