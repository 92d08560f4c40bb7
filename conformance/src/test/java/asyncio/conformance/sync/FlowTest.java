package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.sync.FlowReader;
import asyncio.sync.Queue;
import asyncio.sync.QueuePublisher;
import asyncio.sync.QueueShutDownException;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Queues and reactive streams. */
class FlowTest {
  private final List<Object> trail = new ArrayList<>();

  /** Asks for nothing by itself and writes down what it is told. */
  private final class Subscriber implements Flow.Subscriber<Integer> {
    Flow.@Nullable Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
    }

    @Override
    public void onNext(Integer item) {
      trail.add(item);
      if (item < 0) {
        throw new ArithmeticException("subscriber");
      }
    }

    @Override
    public void onError(Throwable thrown) {
      trail.add(thrown.getClass().getSimpleName());
    }

    @Override
    public void onComplete() {
      trail.add("complete");
    }

    Flow.Subscription subscription() {
      assertThat(subscription).isNotNull();
      return Objects.requireNonNull(subscription);
    }
  }

  private Subscriber subscribe(Queue<Integer> queue) {
    var subscriber = new Subscriber();
    new QueuePublisher<>(queue).subscribe(subscriber);
    turns(3);
    return subscriber;
  }

  @LoopTest
  void itemsLeaveTheQueueOnlyWhenTheSubscriberAsks() {
    var queue = new Queue<Integer>(3);
    for (int i = 1; i <= 3; i++) {
      queue.putNowait(i);
    }
    var subscriber = subscribe(queue);
    assertThat(queue.qsize()).isEqualTo(3);
    subscriber.subscription().request(2);
    turns(5);
    assertThat(trail).containsExactly(1, 2);
    assertThat(queue.qsize()).isEqualTo(1);
    subscriber.subscription().request(Long.MAX_VALUE);
    subscriber.subscription().request(Long.MAX_VALUE);
    turns(5);
    queue.putNowait(4);
    turns(5);
    queue.shutdown();
    turns(5);
    assertThat(trail).containsExactly(1, 2, 3, 4, "complete");
  }

  @LoopTest
  void cancelledSubscriberTakesNothing() {
    var queue = new Queue<Integer>();
    var subscriber = subscribe(queue);
    subscriber.subscription().request(5);
    turns(3);
    subscriber.subscription().cancel();
    subscriber.subscription().cancel();
    queue.putNowait(1);
    turns(5);
    assertThat(trail).isEmpty();
    assertThat(queue.getNowait()).isEqualTo(1);
    subscriber.subscription().request(1);
    queue.putNowait(2);
    turns(5);
    assertThat(queue.qsize()).isEqualTo(1);
  }

  @LoopTest
  void askingForNothingIsAnError() {
    var queue = new Queue<Integer>();
    queue.putNowait(1);
    var subscriber = subscribe(queue);
    subscriber.subscription().request(0);
    turns(5);
    subscriber.subscription().request(1);
    turns(5);
    assertThat(trail).containsExactly("IllegalArgumentException");
    assertThat(queue.qsize()).isEqualTo(1);
  }

  @LoopTest
  void exceptionOfTheSubscriberEndsItAndIsReported(LoopProbe probe) {
    probe.expectErrors(); // the failure of the subscription's task
    var queue = new Queue<Integer>();
    var subscriber = subscribe(queue);
    subscriber.subscription().request(5);
    queue.putNowait(-1);
    queue.putNowait(2);
    turns(5);
    assertThat(trail).containsExactly(-1);
    assertThat(queue.qsize()).isEqualTo(1);
  }

  @EachEngine
  void tasksReadWhatAnotherThreadPublishesWithBackPressure(Engine engine) throws Exception {
    var publisher = new SubmissionPublisher<Integer>(Runnable::run, 2);
    try (var reader = new FlowReader<Integer>(4)) {
      publisher.subscribe(reader);
      Thread source =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 300; i++) {
                  publisher.submit(i); // blocks while the reader is behind
                }
                publisher.close();
              });
      Loops.with(
          engine,
          loop ->
              loop.runUntilComplete(() -> {
                try {
                  while (true) {
                    trail.add(reader.get());
                  }
                } catch (QueueShutDownException end) {
                  return null;
                }
              }));
      source.join(20_000);
      assertThat(trail).isEqualTo(IntStream.range(0, 300).boxed().toList());
    }
  }

  @LoopTest
  void readerAsksForAsManyAsItsBufferHolds() throws Exception {
    var queue = new Queue<Integer>();
    for (int i = 0; i < 10; i++) {
      queue.putNowait(i);
    }
    var reader = new FlowReader<Integer>(3);
    new QueuePublisher<>(queue).subscribe(reader);
    turns(10);
    assertThat(queue.qsize()).isEqualTo(7);
    assertThat(reader.get()).isZero();
    turns(10);
    assertThat(queue.qsize()).isEqualTo(6);
    Task<?> cancelled = createTask(new FlowReader<Integer>(1)::get);
    turns(2);
    cancelled.cancel();
    assertCancelled(cancelled);
    reader.close();
    reader.close();
    turns(5);
    assertThat(queue.qsize()).isEqualTo(6);
    assertThatThrownBy(reader::get).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(() -> new FlowReader<Integer>(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @LoopTest
  void failureOfThePublisherComesAfterTheItems() throws Exception {
    var reader = new FlowReader<Integer>(3);
    getRunningLoop()
        .callSoon(() -> {
          reader.onNext(1);
          reader.onError(new IOException("source"));
        });
    assertThat(reader.get()).isEqualTo(1);
    assertThatThrownBy(reader::get)
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("source");
  }
}
