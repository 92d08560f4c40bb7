package asyncio.internal.net;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that move the bytes of channels which can only block: one for each such channel in
 * use, {@code asyncio-pipe-1} and so on. They are daemons, as a read cannot always be ended.
 */
public final class PipeThreads {
  private static final AtomicInteger STARTED = new AtomicInteger();

  private PipeThreads() {}

  public static void start(Runnable work) {
    Thread.ofPlatform()
        .daemon()
        .name("asyncio-pipe-" + STARTED.incrementAndGet())
        .inheritInheritableThreadLocals(false)
        .start(work);
  }
}
