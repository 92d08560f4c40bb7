package asyncio;

/**
 * Turns a {@link KeyboardInterrupt} or {@link SystemExit} that nobody catches into the end of the
 * process.
 */
final class ExitHandler implements Thread.UncaughtExceptionHandler {
  static final int INTERRUPTED = 130;

  private ExitHandler() {}

  /**
   * Has the calling thread end the process with the right status if {@code exit} leaves it; a
   * handler that the program set, for the thread or for all, is left in force.
   *
   * @return {@code exit}
   */
  static Error onItsWayOut(Error exit) {
    Thread thread = Thread.currentThread();
    if (thread.getUncaughtExceptionHandler() == thread.getThreadGroup()
        && Thread.getDefaultUncaughtExceptionHandler() == null) {
      thread.setUncaughtExceptionHandler(new ExitHandler());
    }
    return exit;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable thrown) {
    switch (thrown) {
      case KeyboardInterrupt _ -> System.exit(INTERRUPTED);
      case SystemExit exit -> System.exit(exit.status());
      default -> {
        ThreadGroup group = thread.getThreadGroup();
        if (group != null) {
          group.uncaughtException(thread, thrown);
        }
      }
    }
  }
}
