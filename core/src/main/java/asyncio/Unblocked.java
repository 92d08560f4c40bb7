package asyncio;

import asyncio.internal.vthread.Orphans;
import org.jspecify.annotations.Nullable;

/**
 * Queued when the blocking JDK call of a coroutine has finished: goes on with it, on the loop or,
 * once that is closed, off it.
 */
final class Unblocked extends Handle {
  private final InLoop coroutine;
  private final Runnable goOn;

  Unblocked(InLoop coroutine, Runnable goOn) {
    super(coroutine.loop(), coroutine.handle().context, null);
    this.coroutine = coroutine;
    this.goOn = goOn;
  }

  @Override
  void run() {
    goOn.run();
  }

  @Override
  void orphan() {
    Orphans.run(() -> loop.runAsOrphan(this));
  }

  @Override
  @Nullable Object code() {
    return coroutine.handle().code();
  }

  @Override
  Object subject() {
    return coroutine.handle().subject();
  }
}
