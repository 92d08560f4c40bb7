package asyncio;

import org.jspecify.annotations.Nullable;

/** The callbacks that wait for their turn, first in, first out: a growing ring. */
final class ReadyQueue {
  private static final int INITIAL_CAPACITY = 64; // a power of two, like every later one

  private @Nullable Handle[] ring = new Handle[INITIAL_CAPACITY];
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
    slots[tail++ & (slots.length - 1)] = handle;
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

  void clear() {
    ring = new Handle[INITIAL_CAPACITY];
    head = 0;
    tail = 0;
  }

  private @Nullable Handle[] grow() {
    @Nullable Handle[] old = ring;
    int count = tail - head;
    @Nullable Handle[] bigger = new Handle[old.length * 2];
    int first = head & (old.length - 1);
    System.arraycopy(old, first, bigger, 0, old.length - first);
    System.arraycopy(old, 0, bigger, old.length - first, first);
    ring = bigger;
    head = 0;
    tail = count;
    return bigger;
  }
}
