package asyncio.sync;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Who has the permits of a semaphore, for pictures of who waits for what.
 *
 * <p>Any code may release a permit, so this is a record, and no rule. It gives up for good when a
 * permit is released by somebody who has none: then the permits are signals and belong to nobody.
 *
 * <p><b>Threading:</b> loop-confined, but for {@link #areAllKnown} and {@link #tell}.
 */
final class Holders {
  /** With more permits than these nobody is recorded: there is no use in a long list. */
  private static final int MAX = 16;

  /** The place of one who is not recorded. */
  private static final int NOWHERE = -1;

  /** Their numbers, so that no thread is kept; 0 in a free place. */
  private final long[] threads;

  /** A bit for each place that is free. */
  private int free;

  private boolean recording;

  Holders(int permits) {
    recording = permits > 0 && permits <= MAX;
    threads = new long[recording ? permits : 0];
    free = (1 << threads.length) - 1;
  }

  /** The calling thread has a permit; returns its place, for {@link #leave}. */
  int enter() {
    int bits = free;
    if (bits == 0) {
      return NOWHERE;
    }
    int place = Integer.numberOfTrailingZeros(bits);
    free = bits & (bits - 1);
    threads[place] = Thread.currentThread().threadId();
    return place;
  }

  void leave(int place) {
    if (place != NOWHERE) {
      threads[place] = 0;
      free |= 1 << place;
    }
  }

  /** A permit was released, it is not said which: one of the calling thread's, if it has one. */
  void leave() {
    if (!recording) {
      return;
    }
    long caller = Thread.currentThread().threadId();
    for (int place = 0; place < threads.length; place++) {
      if (threads[place] == caller) {
        leave(place);
        return;
      }
    }
    recording = false;
    free = 0;
    Arrays.fill(threads, 0);
  }

  /** Whether those that {@link #tell} gives have all the permits. On any thread. */
  boolean areAllKnown() {
    return recording && free == 0;
  }

  /** On any thread. */
  void tell(Consumer<Object> to) {
    for (long thread : threads) {
      if (thread != 0) {
        to.accept(thread);
      }
    }
  }
}
