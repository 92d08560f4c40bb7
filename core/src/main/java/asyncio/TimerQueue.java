package asyncio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a loop: a binary heap by deadline, then by order of scheduling.
 *
 * <p>Cancelling only marks a timer. Marked ones leave when they reach the head, or all at once when
 * they are many.
 */
final class TimerQueue {
  /**
   * With more entries than this, and more than half of them cancelled, one pass removes all
   * cancelled ones (CB-19).
   */
  private static final int MIN_SIZE_TO_COMPACT = 100;

  /*
   * Heap order: heap[i] is due no later than heap[2i+1] and heap[2i+2]. The deadlines stand beside the handles, so that
   * sifting reads one array of longs.
   */
  private TimerHandle[] heap = new TimerHandle[16];
  private long[] whens = new long[16];
  private int size;
  private int cancelledCount;
  private long nextSequence;

  int size() {
    return size;
  }

  /** How many are not cancelled; on any thread, as it is or was a moment ago. */
  int liveSize() {
    return Math.max(size - cancelledCount, 0);
  }

  void add(TimerHandle timer) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
      whens = Arrays.copyOf(whens, size * 2);
    }
    timer.sequence = nextSequence++;
    timer.scheduled = true;
    siftUp(size++, timer);
  }

  void noteCancelled() {
    cancelledCount++;
  }

  /** Drops cancelled timers: those at the head, or all of them if they are the many. */
  void prune() {
    if (cancelledCount == 0) {
      return;
    }
    if (size > MIN_SIZE_TO_COMPACT && cancelledCount > size / 2) {
      compact();
    } else {
      while (size > 0 && heap[0].wasCancelled()) {
        cancelledCount--;
        removeFirst();
      }
    }
  }

  /** The deadline of the first timer, or {@link EventLoop#NEVER}. */
  long firstDeadline() {
    return size == 0 ? EventLoop.NEVER : whens[0];
  }

  /**
   * Removes and returns the first timer if it is live and due at {@code now}, else returns null.
   */
  @Nullable TimerHandle pollDue(long now) {
    while (size > 0 && whens[0] <= now) {
      TimerHandle first = removeFirst();
      if (!first.wasCancelled()) {
        return first;
      }
      cancelledCount--;
    }
    return null;
  }

  /**
   * The timers in no particular order, cancelled ones too. On any thread: some may be missing, or
   * be there twice, if the loop changes the heap meanwhile.
   */
  List<TimerHandle> look() {
    @Nullable TimerHandle[] now = heap;
    List<TimerHandle> timers = new ArrayList<>();
    for (TimerHandle timer : now) {
      if (timer != null) {
        timers.add(timer);
      }
    }
    return timers;
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      heap[i].scheduled = false;
    }
    heap = new TimerHandle[16];
    whens = new long[16];
    size = 0;
    cancelledCount = 0;
  }

  @SuppressWarnings("NullAway") // only slots below size are read
  private TimerHandle removeFirst() {
    TimerHandle first = heap[0];
    TimerHandle last = heap[--size];
    heap[size] = null;
    if (size > 0) {
      siftDown(0, last);
    }
    first.scheduled = false;
    return first;
  }

  private void compact() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      TimerHandle timer = heap[i];
      if (timer.wasCancelled()) {
        timer.scheduled = false;
      } else {
        whens[kept] = timer.when;
        heap[kept++] = timer;
      }
    }
    Arrays.fill(heap, kept, size, null);
    size = kept;
    cancelledCount = 0;
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(i, heap[i]);
    }
  }

  private void siftUp(int index, TimerHandle timer) {
    int i = index;
    long when = timer.when;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      // A newcomer has the highest sequence number, so only an earlier deadline moves it up.
      if (whens[parent] <= when) {
        break;
      }
      put(i, heap[parent]);
      i = parent;
    }
    put(i, timer);
  }

  private void siftDown(int index, TimerHandle timer) {
    int i = index;
    int half = size >>> 1;
    while (i < half) {
      int child = 2 * i + 1;
      int right = child + 1;
      if (right < size && before(right, heap[child])) {
        child = right;
      }
      if (!before(child, timer)) {
        break;
      }
      put(i, heap[child]);
      i = child;
    }
    put(i, timer);
  }

  /** Whether the entry at {@code index} goes before {@code timer}. */
  private boolean before(int index, TimerHandle timer) {
    long when = whens[index];
    return when < timer.when || (when == timer.when && heap[index].sequence < timer.sequence);
  }

  private void put(int index, TimerHandle timer) {
    heap[index] = timer;
    whens[index] = timer.when;
  }
}
