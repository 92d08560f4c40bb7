package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The one way from other threads into a loop: a lock-free stack of handles that the loop takes as a
 * whole and reverses.
 *
 * <p><b>Threading:</b> {@link #add} is called by any thread, {@link #takeAll} by the loop's thread
 * only. What a thread did before its {@code add} is visible to whoever takes the handle out.
 */
final class Arrivals {
  private static final VarHandle TOP;

  static {
    try {
      TOP = MethodHandles.lookup().findVarHandle(Arrivals.class, "top", Handle.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile @Nullable Handle top;

  /**
   * Adds a handle that no list holds.
   *
   * @return true if there was none before, so that the loop has to be woken; whoever came before
   *     has seen to that already
   */
  boolean add(Handle handle) {
    for (; ; ) {
      Handle first = top;
      handle.next = first;
      if (TOP.compareAndSet(this, first, handle)) {
        return first == null;
      }
    }
  }

  boolean isEmpty() {
    return top == null;
  }

  /** Moves all handles to the end of {@code ready}, in the order in which they arrived. */
  void takeAll(ReadyQueue ready) {
    if (top == null) {
      return;
    }
    Handle newestFirst = (Handle) TOP.getAndSet(this, null);
    Handle oldestFirst = null;
    while (newestFirst != null) {
      Handle rest = newestFirst.next;
      newestFirst.next = oldestFirst;
      oldestFirst = newestFirst;
      newestFirst = rest;
    }
    while (oldestFirst != null) {
      Handle rest = oldestFirst.next;
      oldestFirst.next = null;
      ready.add(oldestFirst);
      oldestFirst = rest;
    }
  }
}
