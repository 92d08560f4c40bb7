package asyncio;

import org.jspecify.annotations.Nullable;

/** Runs a loop on a thread of its own while the caller waits. */
final class OwnThread {

  private OwnThread() {}

  /** Runs {@code body} on a thread of the kind that suits the loop's engine; throws what it throws, itself. */
  static void run(AbstractEventLoop loop, Runnable body) {
    @Nullable Throwable[] thrown = new Throwable[1];
    Thread thread =
        loop.coroutines.newLoopThread(
            "asyncio-loop",
            () -> {
              try {
                body.run();
              } catch (Throwable t) {
                thrown[0] = t;
              }
            });
    thread.start();
    boolean interrupted = false;
    for (; ; ) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thrown[0] != null) {
      throw Throwables.rethrow(thrown[0]);
    }
  }
}
