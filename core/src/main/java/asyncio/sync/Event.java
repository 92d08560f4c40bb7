package asyncio.sync;

import asyncio.Suspends;
import asyncio.inspect.WaitKind;

/**
 * A flag that tasks can wait for.
 *
 * <p><b>Order:</b> {@link #set} wakes everybody who waits, in the order in which they began to. One
 * who was woken returns even if the flag is cleared before it runs.
 *
 * <p><b>Threading:</b> loop-confined; before anybody has waited, any thread may set, clear and ask
 * (spec EVENT-1 to EVENT-12).
 */
public final class Event {
  private final Binding binding = new Binding(this);
  private final WaitQueue waiters = new WaitQueue(binding, "event", WaitKind.EVENT);
  private boolean set;

  /** Makes an event that is not set. */
  public Event() {}

  /**
   * Waits until the event is set; if it is, returns at once.
   *
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   */
  @Suspends
  public void await() {
    binding.check();
    if (!set) {
      waiters.await(waiters.join());
    }
  }

  /** Sets the event and wakes everybody who waits. */
  public void set() {
    binding.check();
    if (!set) {
      set = true;
      waiters.wakeAll();
    }
  }

  /** Makes later calls of {@link #await} wait again. */
  public void clear() {
    binding.check();
    set = false;
  }

  /** Whether the event is set; one who was woken may find that it has been cleared since. */
  public boolean isSet() {
    return set;
  }

  @Override
  public String toString() {
    return Texts.of(this, set ? "set" : "unset", waiters);
  }
}
