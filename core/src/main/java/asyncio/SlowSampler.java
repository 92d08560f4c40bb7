package asyncio;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Catches where the callbacks of one loop are that take long, while timings are recorded.
 *
 * <p><b>Threading:</b> {@link #use} and {@link #stackOfCurrent} on the loop's thread; the {@link
 * Watchdog} looks.
 */
final class SlowSampler extends Watchdog.Watched {
  /** A callback that has run for so long is worth a look at its stack. */
  static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** After so many looks without a turn of the loop in between it waits to be used again. */
  private static final int IDLE_LOOKS = 100;

  /** The stack that a callback was caught at; callbacks are told apart by their numbers. */
  private record Sample(int callback, List<StackTraceElement> stack) {}

  private final AbstractEventLoop loop;
  private volatile boolean used;
  private volatile boolean watched;
  private volatile @Nullable Sample sample;

  // watchdog's thread only
  private long turn;
  private int callback;
  private long heldNanos;
  private int idleLooks;

  SlowSampler(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** The callbacks of an iteration are going to run. */
  void use() {
    if (!used) {
      used = true;
      if (!watched) {
        watched = true;
        Watchdog.add(this, true);
      }
    }
  }

  /** Where the callback that runs now, or has just run, was caught; empty if it was not. */
  List<StackTraceElement> stackOfCurrent() {
    Sample caught = sample;
    return caught != null && caught.callback == loop.ready.taken() ? caught.stack : List.of();
  }

  @Override
  long look(long nanos) {
    boolean wasUsed = used;
    used = false;
    idleLooks = wasUsed ? 0 : idleLooks + 1;
    if (idleLooks >= IDLE_LOOKS) {
      idleLooks = 0;
      Watchdog.remove(this);
      watched = false;
      return Long.MAX_VALUE;
    }
    long nowTurn = loop.turn();
    int taken = loop.ready.taken();
    if (nowTurn == 0 || nowTurn != turn || taken != callback) {
      turn = nowTurn;
      callback = taken;
      heldNanos = 0;
    } else {
      heldNanos += nanos;
      if (heldNanos >= SLOW_NANOS) {
        sample(nowTurn, taken);
      }
    }
    return PERIOD_NANOS;
  }

  private void sample(long nowTurn, int taken) {
    Sample known = sample;
    Thread thread = loop.activeThread;
    if ((known == null || known.callback != taken) && thread != null) {
      List<StackTraceElement> stack = Origins.userFrames(thread.getStackTrace());
      if (!stack.isEmpty() && loop.turn() == nowTurn && loop.ready.taken() == taken) {
        sample = new Sample(taken, stack);
      }
    }
  }
}
