package asyncio.sync;

import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import java.util.BitSet;
import java.util.concurrent.BrokenBarrierException;

/**
 * Makes a fixed number of tasks wait for one another, round after round.
 *
 * <p><b>Order:</b> the last one to arrive goes on first, without suspending; the others follow in
 * the order of arrival.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> a task cancelled while it waits leaves; the round needs one more then.
 * The barrier does not break (spec BAR-1 to BAR-27).
 */
public final class Barrier {
  /*
   *              last party arrives              last one of the round leaves
   *   FILLING ──────────────────────▶ DRAINING ──────────────────────────────▶ FILLING
   *      │ reset() with parties inside            │ reset()
   *      ▼                                        ▼
   *   RESETTING ◀─────────────────────────────────┘     last one inside has left ──▶ FILLING
   *
   *   any ── abort() ──▶ BROKEN ── reset() ──▶ FILLING, or RESETTING while parties are inside
   */
  private enum State {
    FILLING,
    DRAINING,
    RESETTING,
    BROKEN
  }

  /** What {@link #enter} gives the body of a scope. */
  public static final class Arrival implements AutoCloseable {
    private final int index;

    private Arrival(int index) {
      this.index = index;
    }

    /** Which of the round's tasks this is, from 0 on, all different. */
    public int index() {
      return index;
    }

    /** Does nothing: a barrier is not left. */
    @Override
    public void close() {}
  }

  private final int parties;
  private final Condition changed = new Condition(new Binding(this), WaitKind.BARRIER);
  private final BitSet indexesInUse = new BitSet();
  private State state = State.FILLING;
  private int inside;

  /**
   * Makes a barrier for so many tasks.
   *
   * @throws IllegalArgumentException if {@code parties} is less than 1
   */
  public Barrier(int parties) {
    if (parties < 1) {
      throw new IllegalArgumentException("parties must be > 0, not " + parties);
    }
    this.parties = parties;
  }

  /**
   * Waits until as many tasks as there are parties have called this.
   *
   * @return which of the round's tasks the caller is: 0 to parties - 1, all different, the last one
   *     to arrive the highest
   * @throws BrokenBarrierException if the barrier is aborted, or reset while the caller is inside
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   */
  @Suspends
  public int await() throws BrokenBarrierException {
    try (var _ = changed.acquire()) {
      awaitEntrance();
      int index = indexesInUse.nextClearBit(0);
      indexesInUse.set(index);
      inside++;
      try {
        if (inside == parties) {
          state = State.DRAINING;
          changed.signalAll();
        } else {
          awaitOthers();
        }
        return index;
      } finally {
        inside--;
        indexesInUse.clear(index);
        leave();
      }
    }
  }

  /** As {@link #await}, as a scope: {@code try (var arrival = barrier.enter()) { … }}. */
  @Suspends
  public Arrival enter() throws BrokenBarrierException {
    return new Arrival(await());
  }

  private void awaitEntrance() throws BrokenBarrierException {
    changed.awaitFor(() -> state != State.DRAINING && state != State.RESETTING);
    if (state == State.BROKEN) {
      throw new BrokenBarrierException("Barrier aborted");
    }
  }

  private void awaitOthers() throws BrokenBarrierException {
    changed.awaitFor(() -> state != State.FILLING);
    if (state != State.DRAINING) {
      throw new BrokenBarrierException("Abort or reset of barrier");
    }
  }

  private void leave() {
    if (inside == 0) {
      if (state == State.RESETTING || state == State.DRAINING) {
        state = State.FILLING;
      }
      changed.signalAll();
    }
  }

  /**
   * Makes the barrier usable from the start again; tasks inside get a {@link
   * BrokenBarrierException}.
   */
  @Suspends
  public void reset() {
    try (var _ = changed.acquire()) {
      state = inside > 0 ? State.RESETTING : State.FILLING;
      changed.signalAll();
    }
  }

  /**
   * Breaks the barrier: who waits, and who comes, gets a {@link BrokenBarrierException}, until
   * {@link #reset}.
   */
  @Suspends
  public void abort() {
    try (var _ = changed.acquire()) {
      state = State.BROKEN;
      changed.signalAll();
    }
  }

  /** How many tasks make a round. */
  public int parties() {
    return parties;
  }

  /** How many tasks wait for the round to be complete; 0 in any other state. */
  public int nWaiting() {
    return state == State.FILLING ? inside : 0;
  }

  /** Whether the barrier was aborted, and not reset since. */
  public boolean isBroken() {
    return state == State.BROKEN;
  }

  @Override
  public String toString() {
    String name = state.name().toLowerCase(java.util.Locale.ROOT);
    return Texts.of(
        this, state == State.BROKEN ? name : name + ", waiters:" + nWaiting() + "/" + parties);
  }
}
