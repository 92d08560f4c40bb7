package asyncio;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The daemon thread on which stalls are reported: log handlers and listeners may wait for a lock
 * that the stalled loop holds. It is there only while there is something to report.
 */
final class StallReports {
  private static final ThreadPoolExecutor THREAD =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          work ->
              Thread.ofPlatform()
                  .daemon()
                  .name("asyncio-stall-reports")
                  .inheritInheritableThreadLocals(false)
                  .unstarted(work));

  static {
    THREAD.allowCoreThreadTimeOut(true);
  }

  private StallReports() {}

  /** Runs {@code work} there, after what came before. Never blocks. */
  static void run(Runnable work) {
    THREAD.execute(work);
  }
}
