package asyncio;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one run does about the interrupt signal, which Ctrl-C sends (RUN-15 to RUN-21).
 *
 * <p>The source is a handler of the signal, not an interrupt of a thread (RUN-24). It is installed
 * for a run that the main thread started, if the process has the JVM's default handling and no
 * other run has it.
 *
 * <p><b>Threading:</b> the JDK calls the handler on a new thread for each signal; the counter
 * orders them.
 */
final class CtrlC {
  /** One run at a time. */
  private static final AtomicBoolean TAKEN = new AtomicBoolean();

  private static final long PATIENCE_SECONDS = 1;

  private final AbstractEventLoop loop;
  private final Task<?> main;
  private final AtomicInteger count = new AtomicInteger();

  /** What to put back: null if nothing was taken over. */
  private @Nullable SignalHook installed;

  private CtrlC(AbstractEventLoop loop, Task<?> main) {
    this.loop = loop;
    this.main = main;
  }

  /** Takes the signal over for this run if it is there to be taken. */
  static CtrlC takeOver(AbstractEventLoop loop, Task<?> main) {
    CtrlC ctrlC = new CtrlC(loop, main);
    if (isMainThread(Thread.currentThread()) && TAKEN.compareAndSet(false, true)) {
      ctrlC.installed = SignalHook.installInPlaceOfDefault(Signal.INT, ctrlC::signalled);
      if (ctrlC.installed == null) {
        TAKEN.set(false);
      }
    }
    return ctrlC;
  }

  /** How many signals have come. */
  int count() {
    return count.get();
  }

  /** Restores the handling from before, unless the program has set another one meanwhile. */
  void giveBack() {
    if (installed != null) {
      installed.remove();
      installed = null;
      TAKEN.set(false);
    }
  }

  private static boolean isMainThread(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return !thread.isVirtual()
        && thread.getName().equals("main")
        && group != null
        && group.getName().equals("main");
  }

  /** On a thread of the JDK's. Must not throw. */
  private void signalled() {
    switch (count.incrementAndGet()) {
      case 1 -> loop.enqueueFromAnywhere(new Handle(loop, null, this::cancelMain));
      case 2 -> {
        loop.requestExit(new KeyboardInterrupt());
        Thread.ofPlatform().daemon().name("asyncio-ctrl-c").start(this::explainIfItTakesLong);
      }
      default -> Runtime.getRuntime().halt(ExitHandler.INTERRUPTED);
    }
  }

  private void cancelMain() {
    if (main.isDone()) {
      throw new KeyboardInterrupt();
    }
    main.cancel();
  }

  private void explainIfItTakesLong() {
    try {
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
    } catch (InterruptedException e) {
      return;
    }
    Thread active = loop.activeThread;
    if (loop.isRunning() && active != null) {
      StringBuilder text =
          new StringBuilder(
              "Still running; Ctrl-C once more ends the process at once. The loop is here:\n");
      for (StackTraceElement frame : active.getStackTrace()) {
        text.append("    at ").append(frame).append('\n');
      }
      System.err.print(text);
    }
  }
}
