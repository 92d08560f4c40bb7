package asyncio.internal.net;

/** Throws what the compiler would not let through: what a protocol threw, as it is. */
final class Sneaky {
  private Sneaky() {}

  /** Throws {@code t} itself, checked or not. Never returns. */
  @SuppressWarnings("unchecked") // erased: nothing is checked
  static <X extends Throwable> RuntimeException rethrow(Throwable t) throws X {
    throw (X) t;
  }
}
