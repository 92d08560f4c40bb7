package asyncio.net;

import asyncio.Asyncio;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that keeps the rules of registering; a subclass takes the bytes, and says when it is
 * full, drained and closed (spec PC-2 to PC-9, PC-14, PC-15).
 *
 * <p><b>Errors:</b> what a producer throws from {@code pause}, {@code resume} or {@code stop} is
 * reported to the loop's exception handler and disturbs nothing.
 */
public abstract class BaseConsumer implements Consumer {
  /*
   * Invariant: the calls of pause() and resume() that `producer` has got alternate, and `producerPaused` says which was the
   * last; after stop() `producer` is null for good.
   */
  private final EventLoop loop;
  private @Nullable Producer producer;
  private boolean producerPaused;
  private boolean full;
  private boolean closed;

  /** On the running or current loop. */
  protected BaseConsumer() {
    this(Asyncio.getEventLoop());
  }

  protected BaseConsumer(EventLoop loop) {
    this.loop = Objects.requireNonNull(loop, "loop");
  }

  @Override
  public final void register(Producer added) {
    Objects.requireNonNull(added, "producer");
    if (closed) {
      call("stop", added::stop);
      return;
    }
    if (producer != null) {
      throw new IllegalStateException(
          this
              + " has a producer, "
              + producer
              + ", so it cannot take "
              + added
              + "; unregister it");
    }
    producer = added; // before the call, so that a nested register finds it
    producerPaused = false;
    try {
      added.halfRegister(this);
    } catch (Throwable t) {
      if (producer == added) {
        producer = null;
      }
      throw t;
    }
    if (full) {
      pauseProducer();
    }
  }

  @Override
  public final void unregister() {
    producer = null;
  }

  /** The producer that is registered; null if there is none. */
  protected final @Nullable Producer producer() {
    return producer;
  }

  /** Says that there is more than enough: the producer is paused. */
  protected final void becameFull() {
    full = true;
    pauseProducer();
  }

  private void pauseProducer() {
    Producer told = producer;
    if (told != null && !producerPaused) {
      producerPaused = true;
      call("pause", told::pause);
    }
  }

  /** Says that there is room again: the producer is resumed. */
  protected final void becameDrained() {
    full = false;
    Producer told = producer;
    if (told != null && producerPaused) {
      producerPaused = false;
      call("resume", told::resume);
    }
  }

  /** Says that nothing is taken any more: the producer is stopped. Idempotent. */
  protected final void becameClosed() {
    if (closed) {
      return;
    }
    closed = true;
    Producer told = producer;
    producer = null;
    if (told != null) {
      call("stop", told::stop);
    }
  }

  /** Whether {@link #becameClosed} was called. */
  protected final boolean isClosed() {
    return closed;
  }

  private void call(String name, Runnable method) {
    try {
      method.run();
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      loop.callExceptionHandler(
          new ErrorContext("producer." + name + "() failed").with(ErrorContext.EXCEPTION, e));
    }
  }
}
