package asyncio.testkit;

import asyncio.AbstractEventLoop;
import asyncio.Engine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A thread that runs a loop while another one waits for it, with a time limit. */
final class LoopRun {
  private final AbstractEventLoop loop;
  private final Thread thread;
  private volatile @Nullable Throwable thrown;

  /** Starts {@code body} on a thread of the kind that suits the loop. */
  LoopRun(AbstractEventLoop loop, LoopSession.Body body) {
    this.loop = loop;
    Thread.Builder builder =
        loop.engine() == Engine.DIRECT ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
    this.thread =
        builder
            .name("asyncio-test")
            .start(() -> {
              try {
                body.run();
              } catch (Throwable t) {
                thrown = t;
              }
            });
  }

  /** Waits for the end; false if the time is up first. */
  boolean join(Duration limit) throws InterruptedException {
    return thread.join(limit);
  }

  /** What the loop's thread does now. */
  String describeLoopThread() {
    StringBuilder text = new StringBuilder("\nthe thread of the loop:");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    return text.toString();
  }

  /** Ends the run before its time; says so if it does not end. */
  String stop(Duration patience) {
    boolean interrupted = Thread.interrupted();
    try {
      thread.interrupt();
      if (!loop.isClosed()) {
        loop.callSoonThreadsafe(loop::stop);
      }
      return thread.join(patience)
          ? ""
          : "\nthe thread of the loop did not end; it goes on in the background";
    } catch (InterruptedException e) {
      interrupted = true;
      return "";
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Throws what the body threw, the same object. */
  void rethrow() throws Throwable {
    Throwable t = thrown;
    if (t != null) {
      throw t;
    }
  }
}
