package asyncio.conformance.sync;

import org.jspecify.annotations.Nullable;

/**
 * Runs code where no task of the direct engine can suspend: in a static initializer. Works once in
 * a JVM.
 */
final class Pinned {
  private static @Nullable Runnable code;

  private Pinned() {}

  static void run(Runnable code) {
    Pinned.code = code;
    if (!Initializer.ran) {
      throw new AssertionError();
    }
    if (Pinned.code != null) {
      throw new AssertionError("this works only once");
    }
  }

  private static final class Initializer {
    static final boolean ran = runCode();

    private static boolean runCode() {
      Runnable now = code;
      code = null;
      if (now != null) {
        now.run();
      }
      return true;
    }
  }
}
