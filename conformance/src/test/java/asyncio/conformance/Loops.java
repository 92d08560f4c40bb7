package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AbstractEventLoop;
import asyncio.Asyncio;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.LoopKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** For tests that drive loops by hand. */
public final class Loops {

  /** Code that gets a loop. */
  public interface Body<L extends EventLoop> {
    void run(L loop) throws Exception;
  }

  private Loops() {}

  /**
   * Gives {@code body} a fresh loop, closes it, and fails if anything was reported to the default
   * exception handler.
   */
  public static void with(Engine engine, Body<ChannelEventLoop> body) throws Exception {
    List<ErrorContext> unexpected = new ArrayList<>();
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public void defaultExceptionHandler(ErrorContext context) {
            unexpected.add(context);
          }
        };
    try {
      body.run(loop);
    } finally {
      if (!loop.isRunning()) {
        loop.close();
      }
    }
    assertThat(unexpected).as("reports that the test did not expect").isEmpty();
  }

  /** Runs exactly one iteration. */
  public static void runOnce(EventLoop loop) {
    loop.stop();
    loop.runForever();
  }

  /** Lets one iteration pass in a task. */
  public static void sleepOneIteration() {
    Asyncio.sleep(Duration.ZERO);
  }

  /** Has the run that follows end after so many iterations. */
  static void stopAfter(EventLoop loop, int iterations) {
    loop.callSoon(iterations == 1 ? loop::stop : () -> stopAfter(loop, iterations - 1));
  }

  /** Has the loop report into the list that is returned. */
  public static List<ErrorContext> collectReports(EventLoop loop) {
    List<ErrorContext> reports = new ArrayList<>();
    loop.setExceptionHandler((_, context) -> reports.add(context));
    return reports;
  }

  public static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      String fragment, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(fragment);
  }

  /** Runs {@code body} on a thread of its own and waits for its end; throws what it throws. */
  public static void onOtherThread(ThrowingCallable body) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                body.call();
              } catch (Throwable t) {
                thrown[0] = t;
              }
            });
    thread.join(20_000);
    assertThat(thread.isAlive()).as("the other thread has ended").isFalse();
    if (thrown[0] != null) {
      throw new AssertionError("on the other thread: " + thrown[0], thrown[0]);
    }
  }

  /** Runs a loop on a thread of its own; {@link #close} stops it. */
  public static final class Background implements AutoCloseable {
    private static final String EPOLL = "asyncio.internal.epoll.Libc";

    private final AbstractEventLoop loop;
    private final Thread thread;

    public Background(AbstractEventLoop loop) throws InterruptedException {
      this.loop = loop;
      CountDownLatch runs = new CountDownLatch(1);
      loop.callSoon(runs::countDown);
      thread = Thread.ofPlatform().start(loop::runForever);
      assertThat(runs.await(20, TimeUnit.SECONDS)).as("the loop has begun to run").isTrue();
    }

    @Override
    public void close() {
      loop.callSoonThreadsafe(loop::stop);
      join();
    }

    /** Whether the loop's thread is in the selector's system call, waiting. */
    boolean isInNativePoll() {
      StackTraceElement[] stack = thread.getStackTrace();
      return stack.length > 0 && (isIn(stack[0], "sun.nio.ch.") || isIn(stack[0], EPOLL));
    }

    /** In a foreign function the top is whoever calls it: its own frames are hidden. */
    private static boolean isIn(StackTraceElement top, String place) {
      return top.getClassName().startsWith(place) && (top.isNativeMethod() || place.equals(EPOLL));
    }

    void join() {
      try {
        thread.join(20_000);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      assertThat(thread.isAlive()).as("the loop still runs").isFalse();
    }
  }
}
