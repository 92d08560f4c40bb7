package asyncio.internal.process;

import asyncio.Signal;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;

/**
 * Sends signals to one process.
 *
 * <p>The JDK sends TERM and KILL, and only to a process that is still its child. All others are
 * sent by the shell's own {@code kill}, which is there on every system with signals: that takes
 * some milliseconds, on a thread of the {@link Launcher}.
 *
 * <p><b>Order:</b> as they were sent, except for KILL, which nothing can come behind.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class SignalSender {
  /*
   * The process is looked at just before the shell is started. Should it end, and be collected, before the shell sends the
   * signal, then its number would have to be in use again for the signal to meet a stranger: the system gives numbers in
   * turn, so tens of thousands of processes would have to be started in these milliseconds.
   */
  private final Process process;

  /** What is to be sent by shells, the first of it just now. Guarded by itself. */
  private final ArrayDeque<Runnable> sending = new ArrayDeque<>();

  SignalSender(Process process) {
    this.process = process;
  }

  void send(Signal signal) {
    switch (signal) {
      case KILL -> process.toHandle().destroyForcibly();
      case TERM -> inTurn(() -> process.toHandle().destroy(), true);
      default -> inTurn(() -> sendByShell("-s " + signal.name()), false);
    }
  }

  void send(int number) {
    if (number == Signal.KILL.number()) {
      send(Signal.KILL);
    } else if (number == Signal.TERM.number()) {
      send(Signal.TERM);
    } else {
      inTurn(() -> sendByShell("-" + number), false);
    }
  }

  private void inTurn(Runnable send, boolean isQuick) {
    synchronized (sending) {
      if (sending.isEmpty() && isQuick) {
        send.run();
        return;
      }
      sending.add(send);
      if (sending.size() == 1) {
        Launcher.execute(this::sendAll);
      }
    }
  }

  /** On a thread of the launcher. */
  private void sendAll() {
    Runnable next;
    synchronized (sending) {
      next = sending.element();
    }
    while (next != null) {
      if (process.isAlive()) {
        next.run();
      }
      synchronized (sending) {
        sending.remove();
        next = sending.peek();
      }
    }
  }

  private void sendByShell(String how) {
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill " + how + " " + process.pid())
          .redirectInput(Redirect.from(new java.io.File("/dev/null")))
          .redirectOutput(Redirect.DISCARD)
          .redirectError(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException | InterruptedException e) {
      System.getLogger("asyncio")
          .log(Level.WARNING, "cannot send signal " + how + " to " + process, e);
    }
  }
}
