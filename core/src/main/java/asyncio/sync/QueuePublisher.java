package asyncio.sync;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the items of a {@link Queue} to reactive code, as fast as that asks for them.
 *
 * <pre>{@code
 * new QueuePublisher<>(queue).subscribe(subscriber);
 * }</pre>
 *
 * <p>A task for each subscriber takes an item out of the queue only when the subscriber has asked
 * for one; several subscribers share the items. When the queue is shut down and empty, a subscriber
 * that asks for more is told that the stream is complete.
 *
 * <p><b>Threading:</b> made in code of the queue's loop; {@link #subscribe}, {@code request} and
 * {@code cancel} are thread-safe. The subscriber is called in its task on the loop, where it may
 * suspend but should not block.
 *
 * <p><b>Errors:</b> what {@code onNext} throws ends the subscription and is reported as the failure
 * of its task.
 *
 * @param <T> the type of the items
 */
public final class QueuePublisher<T> implements Flow.Publisher<T> {
  private final Queue<T> queue;
  private final EventLoop loop = Asyncio.getRunningLoop();

  /**
   * Makes a publisher of the running loop.
   *
   * @throws IllegalStateException if no loop runs here
   */
  public QueuePublisher(Queue<T> queue) {
    this.queue = Objects.requireNonNull(queue, "queue");
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Subscription<T> subscription =
        new Subscription<>(loop, queue, Objects.requireNonNull(subscriber, "subscriber"));
    loop.callSoonThreadsafe(subscription::start);
  }

  private static final class Subscription<T> implements Flow.Subscription {
    private final EventLoop loop;
    private final Queue<T> queue;
    private final Flow.Subscriber<? super T> subscriber;

    // loop thread only
    private final Event demanded = new Event();
    private long demand;
    private boolean over;
    private @Nullable RuntimeException misuse;
    private @Nullable Task<?> task;

    Subscription(EventLoop loop, Queue<T> queue, Flow.Subscriber<? super T> subscriber) {
      this.loop = loop;
      this.queue = queue;
      this.subscriber = subscriber;
    }

    void start() {
      task = loop.createTask(this::publish);
    }

    private void publish() {
      try {
        subscriber.onSubscribe(this);
        while (!over) {
          while (demand == 0) {
            demanded.clear();
            demanded.await();
          }
          T item = queue.get();
          demand--;
          subscriber.onNext(item);
        }
      } catch (QueueShutDownException end) {
        if (!over) {
          over = true;
          subscriber.onComplete();
        }
      } catch (CancelledError e) {
        if (!over) {
          throw e; // the loop ends, for example
        }
      } finally {
        over = true;
      }
      if (misuse != null) {
        subscriber.onError(misuse);
      }
    }

    @Override
    public void request(long n) {
      onLoop(() -> {
        if (n <= 0) {
          end(new IllegalArgumentException("request() takes a positive number, not " + n));
        } else {
          demand = demand > Long.MAX_VALUE - n ? Long.MAX_VALUE : demand + n;
          demanded.set();
        }
      });
    }

    @Override
    public void cancel() {
      onLoop(() -> end(null));
    }

    private void end(@Nullable RuntimeException because) {
      if (!over) {
        over = true;
        misuse = because;
        if (task != null && task != Asyncio.currentTask()) {
          task.cancel();
        }
      }
    }

    private void onLoop(Runnable action) {
      if (loop.isCurrent()) {
        action.run();
      } else if (!loop.isClosed()) {
        loop.callSoonThreadsafe(action);
      }
    }
  }
}
