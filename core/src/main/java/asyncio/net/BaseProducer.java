package asyncio.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A producer that keeps the rules; a subclass says what to send (spec PC-3, PC-7 to PC-10, PC-15).
 *
 * <p>{@link #produce} is called when the producer may send: after it was registered, and after each
 * {@link #resume}. It sends as much as it has, until {@link #maySend} says no. It is never nested:
 * a consumer that resumes inside {@link #send} has it called once more afterwards.
 */
public abstract class BaseProducer implements Producer {
  private @Nullable Consumer consumer;
  private boolean paused;
  private boolean stopped;
  private boolean producing;
  private boolean again;

  /** Makes a producer that has no consumer yet. */
  protected BaseProducer() {}

  /**
   * Stores the consumer, and begins to produce. An override that checks something calls this last.
   */
  @Override
  public void halfRegister(Consumer consumer) {
    this.consumer = consumer;
    run();
  }

  @Override
  public final void pause() {
    if (!paused && !stopped) {
      paused = true;
      paused();
    }
  }

  @Override
  public final void resume() {
    if (paused && !stopped) {
      paused = false;
      resumed();
      run();
    }
  }

  @Override
  public final void stop() {
    if (!stopped) {
      stopped = true;
      consumer = null;
      stopped();
    }
  }

  private void run() {
    if (producing) {
      again = true; // not from here: the depth of the stack stays what it is
      return;
    }
    producing = true;
    try {
      do {
        again = false;
        if (maySend()) {
          produce();
        }
      } while (again);
    } finally {
      producing = false;
    }
  }

  /**
   * Sends what there is, while {@link #maySend}. A producer that is pushed itself leaves it empty.
   */
  protected void produce() {}

  /** The consumer wants nothing for now; what the bytes come from can be put to rest. */
  protected void paused() {}

  /** The consumer takes more. */
  protected void resumed() {}

  /** The consumer takes no more, ever; what the bytes come from can be closed. */
  protected void stopped() {}

  /** Whether there is a consumer that wants bytes. */
  protected final boolean maySend() {
    return consumer != null && !paused;
  }

  /** Hands bytes to the consumer; drops them if there is none any more. */
  protected final void send(ByteBuffer data) {
    Consumer taker = consumer;
    if (taker == null) {
      data.position(data.limit());
    } else {
      taker.write(data);
    }
  }

  /** Says that everything was sent, and leaves the consumer, which stays open. */
  protected final void finish() {
    Consumer left = consumer;
    consumer = null;
    stopped = true;
    if (left != null) {
      left.unregister();
    }
  }

  /** As {@link #finish}, and has the consumer end its output too. */
  protected final void finishWithEof() {
    Consumer left = consumer;
    finish();
    if (left != null) {
      left.writeEof();
    }
  }
}
