package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The callbacks that wait for their turn, first in, first out: a growing ring. */
final class ReadyQueue {
  private static final int INITIAL_CAPACITY = 64; // a power of two, like every later one

  private static final VarHandle HEAD;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(ReadyQueue.class, "head", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private @Nullable Handle[] ring = new Handle[INITIAL_CAPACITY];

  /** When each one was added, beside {@link #ring}; null unless somebody records that. */
  private long @Nullable [] times;

  private @Nullable TimingsRecorder recorder;
  private int head;
  private int tail;

  int size() {
    return tail - head;
  }

  boolean isEmpty() {
    return tail == head;
  }

  void add(Handle handle) {
    @Nullable Handle[] slots = ring;
    if (tail - head == slots.length) {
      slots = grow();
    }
    int index = tail++ & (slots.length - 1);
    slots[index] = handle;
    if (times != null) {
      times[index] = now();
    }
  }

  /** Removes and returns the first one; there must be one. */
  @SuppressWarnings("NullAway") // slots between head and tail are filled
  Handle remove() {
    @Nullable Handle[] slots = ring;
    int index = head++ & (slots.length - 1);
    Handle first = slots[index];
    slots[index] = null;
    return first;
  }

  /** When the first one was added; there must be one, and times must be recorded. */
  long firstTime() {
    return Objects.requireNonNull(times)[head & (ring.length - 1)];
  }

  /**
   * Has times recorded, or not any more. What is in the queue already counts as added now.
   *
   * @param recorder null for none
   */
  void record(@Nullable TimingsRecorder recorder) {
    if (this.recorder == recorder) {
      return;
    }
    this.recorder = recorder;
    if (recorder == null) {
      times = null;
    } else {
      long[] added = new long[ring.length];
      Arrays.fill(added, recorder.now());
      times = added;
    }
  }

  boolean isRecorded() {
    return times != null;
  }

  private long now() {
    return Objects.requireNonNull(recorder).now();
  }

  void clear() {
    record(null);
    ring = new Handle[INITIAL_CAPACITY];
    head = tail;
  }

  /** How many have been removed up to now, modulo 2^32. Any thread may ask. */
  int taken() {
    return (int) HEAD.getOpaque(this);
  }

  /**
   * What is in the queue, in no order. Any thread may ask; if the queue changes meanwhile, the
   * answer is an approximation.
   */
  List<Handle> snapshot() {
    @Nullable Handle[] slots = ring;
    List<Handle> handles = new ArrayList<>();
    for (Handle handle : slots) {
      if (handle != null) {
        handles.add(handle);
      }
    }
    return handles;
  }

  private @Nullable Handle[] grow() {
    @Nullable Handle[] old = ring;
    @Nullable Handle[] bigger = new Handle[old.length * 2];
    for (int i = head; i != tail; i++) { // each keeps its number, see taken()
      bigger[i & (bigger.length - 1)] = old[i & (old.length - 1)];
    }
    ring = bigger;
    long[] added = times;
    if (added != null) {
      long[] more = new long[bigger.length];
      for (int i = head; i != tail; i++) {
        more[i & (more.length - 1)] = added[i & (added.length - 1)];
      }
      times = more;
    }
    return bigger;
  }
}
