package asyncio.net;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A producer that sends the elements of an iterator, such as a {@link asyncio.Generator} (spec
 * HER-108).
 *
 * <pre>{@code
 * IteratorProducer producer = new IteratorProducer(generator);
 * consumer.register(producer);
 * await(producer.done());
 * consumer.writeEof();
 * }</pre>
 *
 * <p>A task of its own pulls: an iterator that has to wait for its next element simply waits, and
 * needs no value that means "nothing yet". No element is pulled while the producer is paused; one
 * that comes while it is paused is sent when it is resumed. At the end of the iterator it leaves
 * the consumer, which stays open.
 *
 * <p><b>Cancellation:</b> {@link #stop} cancels the task, also in the middle of the iterator. When
 * the task ends, however it does, the iterator is closed if it is {@link AutoCloseable}.
 *
 * <p><b>Errors:</b> what the iterator throws ends the production, and {@link #done} with it.
 */
public final class IteratorProducer extends BaseProducer {
  private final EventLoop loop;
  private final Iterator<ByteBuffer> source;
  private final Future<@Nullable Void> done;
  private @Nullable Task<@Nullable Void> task;
  private @Nullable Future<@Nullable Void> resumed;
  private boolean begun;

  /** On the running or current loop. */
  public IteratorProducer(Iterator<ByteBuffer> source) {
    this(source, Asyncio.getEventLoop());
  }

  /** Makes a producer whose task runs on {@code loop}, from when it is registered on. */
  public IteratorProducer(Iterator<ByteBuffer> source, EventLoop loop) {
    this.source = Objects.requireNonNull(source, "source");
    this.loop = Objects.requireNonNull(loop, "loop");
    this.done = loop.createFuture();
  }

  /**
   * Ends when all elements are sent, fails if the iterator does, and is cancelled if the consumer
   * has stopped this.
   */
  public Future<@Nullable Void> done() {
    return done;
  }

  @Override
  public void halfRegister(Consumer consumer) {
    if (task != null || done.isDone()) {
      throw new IllegalStateException(
          this + " was registered before, and an iterator is gone through once; make another one");
    }
    super.halfRegister(consumer);
    task = loop.createTask(this::pull);
  }

  private void pull() throws Exception {
    begun = true;
    try {
      try {
        while (untilWanted() && source.hasNext()) {
          ByteBuffer data = source.next();
          untilWanted(); // it may have taken long
          send(data);
        }
      } finally {
        closeSource();
      }
      finish();
      if (!done.isDone()) {
        done.setResult(null);
      }
    } catch (CancelledError e) {
      finish();
      done.cancel();
      throw e;
    } catch (Exception | AssertionError | StackOverflowError e) {
      finish();
      if (done.isDone()) {
        throw e; // whoever waited has gone
      }
      done.setException(e);
    }
  }

  private void closeSource() throws Exception {
    if (source instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  private boolean untilWanted() {
    while (!maySend()) {
      Future<@Nullable Void> future =
          new NamedWait<>(loop, WaitKind.STREAM_DRAIN, "request of", "the consumer");
      resumed = future;
      Asyncio.await(future);
    }
    return true;
  }

  @Override
  protected void resumed() {
    Future<@Nullable Void> waiting = resumed;
    if (waiting != null && !waiting.isDone()) {
      waiting.setResult(null);
    }
  }

  @Override
  protected void stopped() {
    Task<@Nullable Void> pulling = task;
    if (pulling != null) {
      pulling.cancel();
    }
    if (!begun) { // nor will it begin: a task that is cancelled before does not run
      done.cancel();
      try {
        closeSource();
      } catch (Exception e) {
        loop.callExceptionHandler(
            new ErrorContext("the iterator of a producer could not be closed")
                .with(ErrorContext.EXCEPTION, e));
      }
    }
  }

  @Override
  public String toString() {
    return "<IteratorProducer of " + source + ">";
  }
}
