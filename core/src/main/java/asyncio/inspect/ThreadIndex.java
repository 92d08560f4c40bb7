package asyncio.inspect;

/** Which task has which thread, by the thread's number: open addressing, nothing boxed. */
final class ThreadIndex {
  static final int NONE = -1;

  /** Spreads numbers that follow one another. */
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final long[] threads;
  private final int[] tasks;
  private final int shift;

  /**
   * @param capacity at most so many threads
   */
  ThreadIndex(int capacity) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(4, capacity) * 2 - 1);
    threads = new long[1 << bits]; // no thread has the number 0
    tasks = new int[1 << bits];
    shift = Long.SIZE - bits;
  }

  void put(long thread, int task) {
    int slot = slotOf(thread);
    threads[slot] = thread;
    tasks[slot] = task;
  }

  int get(long thread) {
    int slot = slotOf(thread);
    return threads[slot] == thread ? tasks[slot] : NONE;
  }

  private int slotOf(long thread) {
    int slot = (int) ((thread * MIX) >>> shift);
    while (threads[slot] != 0 && threads[slot] != thread) {
      slot = (slot + 1) & (threads.length - 1);
    }
    return slot;
  }
}
