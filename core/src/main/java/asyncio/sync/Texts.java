package asyncio.sync;

/** The text forms of the primitives (spec STR-1 to STR-8). */
final class Texts {

  private Texts() {}

  /** For example {@code Lock@1b2c3d [locked, waiters:1]}. */
  static String of(Object primitive, String state, WaitQueue waiters) {
    return of(primitive, state + (waiters.isEmpty() ? "" : ", waiters:" + waiters.size()));
  }

  static String of(Object primitive, String state) {
    return identity(primitive) + " [" + state + "]";
  }

  static String identity(Object primitive) {
    return primitive.getClass().getSimpleName()
        + "@"
        + Integer.toHexString(System.identityHashCode(primitive));
  }
}
