package asyncio;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The signals that one loop handles (spec SIG-1 to SIG-12).
 *
 * <p><b>Order:</b> the JDK calls a hook on a new thread for each signal, and all that thread does
 * is to queue a delivery. The delivery, on the loop's thread, queues the callback that is in force
 * at that moment.
 *
 * <p><b>Threading:</b> the loop's thread only.
 */
final class SignalHandlers {
  /**
   * A JVM has handlers of its own for these, although it would accept others; losing them breaks
   * null checks, socket writes, the interrupting of threads or the profiler.
   */
  private static final Set<Signal> KEPT_BY_THE_JVM =
      EnumSet.of(
          Signal.QUIT,
          Signal.ILL,
          Signal.TRAP,
          Signal.BUS,
          Signal.FPE,
          Signal.SEGV,
          Signal.USR2,
          Signal.PIPE,
          Signal.PROF,
          Signal.IO,
          Signal.XFSZ);

  private static final Set<Signal> UNCATCHABLE = EnumSet.of(Signal.KILL, Signal.STOP);

  /** A callback and its place with the JVM. */
  private record Entry(Handle handle, SignalHook hook) {}

  private final EnumMap<Signal, Entry> entries = new EnumMap<>(Signal.class);

  void add(AbstractEventLoop loop, Signal signal, Runnable callback) {
    Objects.requireNonNull(signal, "signal");
    Objects.requireNonNull(callback, "callback");
    checkCatchable(signal);
    Handle handle = new Handle(loop, Context.currentBindings(), callback);
    Entry old = entries.get(signal);
    SignalHook hook =
        old != null ? old.hook : SignalHook.install(signal, () -> onSignal(loop, signal));
    entries.put(signal, new Entry(handle, hook));
  }

  private static void checkCatchable(Signal signal) {
    if (UNCATCHABLE.contains(signal)) {
      throw new IllegalStateException(
          signal + " cannot be caught: the system never tells the process");
    }
    if (signal == Signal.CHLD) {
      throw new IllegalStateException(
          signal
              + " cannot be caught: the JDK needs it for its processes; wait for the Subprocess, or use ProcessHandle.onExit()");
    }
    if (KEPT_BY_THE_JVM.contains(signal)) {
      throw new IllegalStateException(
          signal + " cannot be caught: the JVM needs it for itself; use another, such as SIGUSR1");
    }
  }

  boolean remove(Signal signal) {
    Entry entry = entries.remove(Objects.requireNonNull(signal, "signal"));
    if (entry == null) {
      return false;
    }
    entry.hook.remove();
    return true;
  }

  /** The loop is being closed. */
  void removeAll() {
    List.copyOf(entries.keySet()).forEach(this::remove);
  }

  /** On a thread of the JDK's, in parallel with others. Must not throw. */
  private void onSignal(AbstractEventLoop loop, Signal signal) {
    loop.enqueueFromAnywhere(new Delivery(loop, signal));
  }

  /** A signal that has come, on its way to the callback. */
  private final class Delivery extends Handle {
    private final Signal signal;

    Delivery(AbstractEventLoop loop, Signal signal) {
      super(loop, null, null);
      this.signal = signal;
    }

    @Override
    void run() {
      Entry entry = entries.get(signal);
      if (entry == null) {
        return; // removed meanwhile
      }
      if (entry.handle.wasCancelled()) {
        SignalHandlers.this.remove(signal);
      } else {
        loop.enqueue(entry.handle);
      }
    }

    @Override
    void describeTo(StringBuilder text) {
      text.append(" delivery of ").append(signal);
    }
  }
}
