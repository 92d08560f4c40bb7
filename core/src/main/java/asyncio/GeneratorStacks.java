package asyncio;

import java.util.Arrays;

/**
 * Stack traces of what leaves the body of a generator: they read as if the caller had called the
 * body.
 */
final class GeneratorStacks {
  private static final String BODY = BodyGenerator.class.getName();
  private static final String MACHINERY = GeneratorCore.class.getName();
  private static final String OF_BODY_THREAD = "runBody";

  /** How many frames the JDK and the engine have below the body's first. */
  private static final int MAX_TAIL = 12;

  private GeneratorStacks() {}

  /**
   * Replaces the frames below the body, in a trace that was taken there, by the calling thread's.
   * Any other trace is left as it is: of an exception that existed before, or that has passed here
   * already.
   */
  static void join(Throwable failure) {
    StackTraceElement[] frames = failure.getStackTrace();
    int end = frames.length;
    int first = Math.max(0, end - MAX_TAIL);
    int body = end - 1;
    while (body >= first && !isBodyStart(frames[body])) {
      body--;
    }
    if (body < first) {
      return;
    }
    StackTraceElement[] callers = new Throwable().getStackTrace();
    int skipped = 1; // this method
    while (skipped < callers.length && callers[skipped].getClassName().equals(MACHINERY)) {
      skipped++;
    }
    StackTraceElement[] joined = Arrays.copyOf(frames, body + callers.length - skipped);
    System.arraycopy(callers, skipped, joined, body, callers.length - skipped);
    failure.setStackTrace(joined);
  }

  private static boolean isBodyStart(StackTraceElement frame) {
    return frame.getClassName().equals(BODY) && frame.getMethodName().equals(OF_BODY_THREAD);
  }
}
