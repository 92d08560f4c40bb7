package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.RunOptions;
import asyncio.SelectorEventLoop;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Executors that send their calls elsewhere: what {@code runInExecutor} gives them. */
class DistributedExecutorTest {

  /** An executor that makes copies of its calls, by way of bytes, as one of a grid does. */
  private static class Remote extends AbstractExecutorService {
    final ExecutorService threads = Executors.newCachedThreadPool();

    @Override
    public <T> java.util.concurrent.Future<T> submit(Callable<T> call) {
      return threads.submit(Remote.<Callable<T>>sent(call));
    }

    @Override
    public void execute(Runnable command) {
      threads.execute(sent(command));
    }

    @SuppressWarnings("unchecked")
    private static <C> C sent(C code) {
      try {
        var bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(code);
        return (C)
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void shutdown() {
      threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return threads.awaitTermination(timeout, unit);
    }
  }

  /** One whose futures call back. */
  private static final class CallingBack extends Remote {
    final List<String> blocked = new ArrayList<>();

    @Override
    public <T> java.util.concurrent.Future<T> submit(Callable<T> call) {
      java.util.concurrent.Future<T> inner = super.submit(call);
      var outer =
          new CompletableFuture<T>() {
            @Override
            public T get() throws InterruptedException, java.util.concurrent.ExecutionException {
              blocked.add(Thread.currentThread().getName());
              return super.get();
            }
          };
      threads.execute(() -> {
        try {
          outer.complete(inner.get());
        } catch (java.util.concurrent.ExecutionException e) {
          outer.completeExceptionally(e.getCause());
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      });
      return outer;
    }
  }

  private record Square(int number) implements Callable<Integer>, Serializable {
    @Override
    public Integer call() {
      return number * number;
    }
  }

  /** Which copy it is that is called shows in the field that does not travel. */
  private static final class WhoAmI implements Callable<Boolean>, Serializable {
    private static final long serialVersionUID = 1;
    private final transient boolean original = Boolean.parseBoolean("true"); // no constant

    @Override
    public Boolean call() {
      return original;
    }
  }

  private static final class Fails implements Callable<Integer>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public Integer call() throws IOException {
      throw new IOException("over there");
    }
  }

  private static final class Sleeps implements Callable<Integer>, Serializable {
    private static final long serialVersionUID = 1;
    static volatile CountDownLatch started = new CountDownLatch(1);
    static volatile CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
      started.countDown();
      try {
        Thread.sleep(Duration.ofHours(1));
        return 0;
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
    }
  }

  private static void run(Engine engine, Action main) {
    Asyncio.run(main, RunOptions.DEFAULT.withLoopFactory(() -> new SelectorEventLoop(engine)));
  }

  @EachEngine
  void aSerializableCallTravels(Engine engine) {
    try (var remote = new Remote()) {
      run(
          engine,
          () -> {
            EventLoop loop = getRunningLoop();
            assertThat(await(loop.runInExecutor(remote, new WhoAmI()))).isFalse();
            List<Future<Integer>> squares = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
              squares.add(loop.runInExecutor(remote, new Square(i)));
            }
            assertThat(await(Asyncio.<Integer>gather(squares))).containsExactly(0, 1, 4, 9, 16);
          });
    }
  }

  @EachEngine
  void aThreadPoolOfTheJdkMakesTheVeryCall(Engine engine) {
    try (var threads =
            new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new java.util.concurrent.LinkedBlockingQueue<>()) {};
        var service = Executors.newSingleThreadExecutor()) {
      run(
          engine,
          () -> {
            EventLoop loop = getRunningLoop();
            assertThat(await(loop.runInExecutor(threads, new WhoAmI()))).isTrue();
            assertThat(await(loop.runInExecutor(service, new WhoAmI()))).isTrue();
          });
    }
  }

  @EachEngine
  void aFutureThatCallsBackKeepsNoThreadWaiting(Engine engine) {
    try (var remote = new CallingBack()) {
      run(
          engine,
          () -> {
            assertThat(await(getRunningLoop().runInExecutor(remote, new Square(4)))).isEqualTo(16);
            assertThat(remote.blocked).isEmpty();
          });
    }
  }

  @EachEngine
  void aFailureElsewhereIsTheFailureHere(Engine engine) {
    for (var remote : List.of(new Remote(), new CallingBack())) {
      try (remote) {
        run(
            engine,
            () ->
                assertThatThrownBy(() ->
                        await(
                            getRunningLoop().runInExecutor(remote, new Fails()), IOException.class))
                    .isInstanceOf(IOException.class)
                    .hasMessage("over there"));
      }
    }
  }

  @EachEngine
  void cancellingReachesTheCall(Engine engine) {
    Sleeps.started = new CountDownLatch(1);
    Sleeps.interrupted = new CountDownLatch(1);
    try (var remote = new Remote()) {
      run(
          engine,
          () -> {
            Future<Integer> call = getRunningLoop().runInExecutor(remote, new Sleeps());
            Asyncio.toThread(() -> Sleeps.started.await());
            call.cancel();
            assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
            Asyncio.toThread(() -> Sleeps.interrupted.await());
          });
    }
  }

  /** One that has to ask somebody, and waits for the answer. */
  private static final class SlowToCancel extends CompletableFuture<Integer> {
    final CountDownLatch mayAnswer = new CountDownLatch(1);
    final RuntimeException failure;

    SlowToCancel(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      try {
        mayAnswer.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (failure != null) {
        throw failure;
      }
      return super.cancel(mayInterruptIfRunning);
    }
  }

  @EachEngine
  void cancellingWhatIsElsewhereDoesNotHoldUpTheLoop(Engine engine) {
    run(
        engine,
        () -> {
          var original = new SlowToCancel(null);
          Future<Integer> call = Asyncio.wrapFuture((CompletableFuture<Integer>) original);
          call.cancel();
          assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
          assertThat(original.isDone()).isFalse();
          original.mayAnswer.countDown(); // not reached if the loop waited for it
          assertThatThrownBy(() -> await(Asyncio.wrapFuture((CompletableFuture<Integer>) original)))
              .isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  void aFailureToCancelIsReported(Engine engine) {
    run(
        engine,
        () -> {
          var error = new IllegalStateException("the line is dead");
          var original = new SlowToCancel(error);
          original.mayAnswer.countDown();
          Future<Throwable> reported = getRunningLoop().createFuture();
          getRunningLoop()
              .setExceptionHandler((_, context) -> reported.setResult(context.exception()));
          Asyncio.wrapFuture((CompletableFuture<Integer>) original).cancel();
          assertThat(await(reported)).isSameAs(error);
        });
  }

  @EachEngine
  void whatCannotTravelIsRefusedByTheExecutor(Engine engine) {
    try (var remote = new Remote()) {
      run(
          engine,
          () -> {
            assertThatThrownBy(() -> getRunningLoop().runInExecutor(remote, () -> 1))
                .hasRootCauseInstanceOf(NotSerializableException.class);
            remote.shutdown();
            assertThatThrownBy(() -> getRunningLoop().runInExecutor(remote, new Square(1)))
                .isInstanceOf(RejectedExecutionException.class);
          });
    }
  }
}
