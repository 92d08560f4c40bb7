package asyncio.internal.net;

/** Throws what the compiler would not let through: what a protocol threw, as it is. */
final class Sneaky {
  private Sneaky() {}

  /** Throws {@code t} itself. Never returns. */
  static RuntimeException rethrow(Throwable t) {
    throw Sneaky.<RuntimeException>cast(t);
  }

  @SuppressWarnings("unchecked") // erased: nothing is checked
  private static <X extends Throwable> X cast(Throwable t) throws X {
    throw (X) t;
  }
}
