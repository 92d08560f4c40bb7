package asyncio.sync;

import asyncio.Suspends;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks, or threads, read what reactive code publishes, and holds the publisher back when they
 * are slower.
 *
 * <pre>{@code
 * try (var reader = new FlowReader<String>(16)) {
 *   publisher.subscribe(reader);
 *   while (true) {
 *     handle(reader.get()); // ends with QueueShutDownException
 *   }
 * }
 * }</pre>
 *
 * <p><b>Order:</b> as published. At most as many items are asked for in advance as the buffer
 * holds; each {@link #get} asks for one more.
 *
 * <p><b>Threading:</b> thread-safe; {@link #get} suspends a task and blocks a thread, as {@link
 * ThreadsafeQueue#get}.
 *
 * <p><b>Cancellation:</b> a cancelled {@code get} takes nothing.
 *
 * @param <T> the type of the items
 */
public final class FlowReader<T> implements Flow.Subscriber<T>, AutoCloseable {
  private final ThreadsafeQueue<T> buffer =
      new ThreadsafeQueue<>(); // the publisher keeps to what it was asked for
  private final int size;
  private volatile Flow.@Nullable Subscription subscription;

  /** Written before the buffer is shut down, read after. */
  private volatile @Nullable Throwable failure;

  private volatile boolean closed;

  /**
   * Makes a reader that asks for so many items in advance.
   *
   * @throws IllegalArgumentException if {@code size} is not positive
   */
  public FlowReader(int size) {
    if (size <= 0) {
      throw new IllegalArgumentException("size must be > 0, not " + size);
    }
    this.size = size;
  }

  /**
   * Returns the next item, waiting until there is one.
   *
   * @throws QueueShutDownException if the publisher has completed, or this is closed, and there is
   *     no item left
   * @throws CompletionException if the publisher has failed and there is no item left; its
   *     exception is the cause
   * @throws InterruptedException if the calling thread, which is no task, is interrupted while it
   *     waits
   */
  @Suspends
  public T get() throws InterruptedException {
    T item;
    try {
      item = buffer.get();
    } catch (QueueShutDownException end) {
      Throwable thrown = failure;
      if (thrown != null) {
        throw new CompletionException(thrown);
      }
      throw end;
    }
    Flow.Subscription source = subscription;
    if (source != null && !closed) {
      source.request(1);
    }
    return item;
  }

  /** Cancels the subscription and throws away what was not read. Closing twice is harmless. */
  @Override
  public void close() {
    closed = true;
    Flow.Subscription source = subscription;
    if (source != null) {
      source.cancel();
    }
    buffer.shutdown(true);
  }

  // ---- for the publisher

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    Objects.requireNonNull(subscription, "subscription");
    if (this.subscription != null || closed) {
      subscription.cancel();
      return;
    }
    this.subscription = subscription;
    if (closed) {
      subscription.cancel(); // meanwhile
    } else {
      subscription.request(size);
    }
  }

  @Override
  public void onNext(T item) {
    Objects.requireNonNull(item, "item");
    try {
      buffer.putNowait(item);
    } catch (QueueShutDownException late) {
      // closed; a publisher may deliver what was under way
    }
  }

  @Override
  public void onError(Throwable thrown) {
    failure = Objects.requireNonNull(thrown, "thrown");
    buffer.shutdown();
  }

  @Override
  public void onComplete() {
    buffer.shutdown();
  }
}
