package asyncio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/** How the library classifies throwables and passes them on. */
final class Throwables {

  private Throwables() {}

  /**
   * Whether {@code t} ends the program rather than one callback: {@link KeyboardInterrupt}, {@link
   * SystemExit} and the JVM's own errors, but not a stack overflow, which says something about one
   * callback only.
   */
  static boolean isExit(Throwable t) {
    return t instanceof KeyboardInterrupt
        || t instanceof SystemExit
        || (t instanceof VirtualMachineError && !(t instanceof StackOverflowError));
  }

  /**
   * Throws {@code t} itself if it is unchecked, else the unchecked exception that stands for it.
   * Never returns.
   */
  static RuntimeException rethrow(Throwable t) {
    if (t instanceof RuntimeException e) {
      throw e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    throw t instanceof IOException e ? new UncheckedIOException(e) : new CompletionException(t);
  }

  /** Throws {@code t} itself, checked or not, past the compiler. Never returns. */
  @SuppressWarnings("unchecked")
  static <X extends Throwable> RuntimeException sneak(Throwable t) throws X {
    throw (X) t;
  }
}
