package asyncio.internal.net;

import java.io.IOException;

/**
 * Keeps the interrupt flag of the thread from calls that close their channels if it is set: those
 * of files.
 *
 * <p>An interrupt that comes while such a call is under way still closes them.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  /** A call with a number for a result. */
  interface Call {
    long run() throws IOException;
  }

  static long call(Call call) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      return call.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
