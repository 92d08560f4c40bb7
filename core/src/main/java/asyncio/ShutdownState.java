package asyncio;

/** Whether the JVM shuts down. */
final class ShutdownState {
  private static final Thread PROBE = new Thread(() -> {});

  private ShutdownState() {}

  /**
   * Asks the JVM: hooks cannot be added any more once the shutdown has begun. Rare callers only.
   */
  static synchronized boolean inProgress() {
    try {
      Runtime runtime = Runtime.getRuntime();
      runtime.addShutdownHook(PROBE);
      runtime.removeShutdownHook(PROBE);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
