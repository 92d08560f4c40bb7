package asyncio;

import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of one channel: what {@link EventLoop#addReader} and {@link EventLoop#addWriter}
 * set.
 *
 * <p><b>Order:</b> a ready channel's callback is queued by the poll, behind what was ready before,
 * and only if it has not been removed until its turn comes.
 */
final class ChannelCallbacks implements IoPoller.Listener {
  private final AbstractEventLoop loop;
  private final SelectableChannel channel;
  private IoPoller.@Nullable Registration registration;
  private @Nullable Handle reader;
  private @Nullable Handle writer;

  /** A callback that is called as long as its channel is open. */
  private static final class ReadyHandle extends Handle {
    private final SelectableChannel channel;

    ReadyHandle(AbstractEventLoop loop, SelectableChannel channel, Runnable callback) {
      super(loop, Context.currentBindings(), callback);
      this.channel = channel;
    }

    @Override
    void run() {
      if (channel
          .isOpen()) { // else it was closed earlier in this iteration, and the next poll tells
        super.run();
      }
    }
  }

  private ChannelCallbacks(AbstractEventLoop loop, SelectableChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /** Sets the callback for one operation, in place of the one that is there. */
  static void set(
      AbstractEventLoop loop,
      IoPoller poller,
      SelectableChannel channel,
      int operation,
      Runnable callback) {
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(callback, "callback");
    callbacksOf(loop, poller, channel).replace(operation, new ReadyHandle(loop, channel, callback));
    loop.resourceOpened(channel);
  }

  private static ChannelCallbacks callbacksOf(
      AbstractEventLoop loop, IoPoller poller, SelectableChannel channel) {
    IoPoller.Registration found = poller.find(channel);
    if (found != null) {
      if (found.listener() instanceof ChannelCallbacks callbacks) {
        return callbacks;
      }
      throw new IllegalStateException(
          channel + " is used by transport " + found.listener() + "; leave its I/O to that");
    }
    ChannelCallbacks made = new ChannelCallbacks(loop, channel);
    try {
      made.registration = poller.register(channel, made);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "channel: " + channel + " is closed; only an open one can be waited for", e);
    }
    return made;
  }

  /** Removes the callback for one operation; false if there is none. */
  static boolean remove(IoPoller poller, SelectableChannel channel, int operation) {
    IoPoller.Registration found = poller.find(Objects.requireNonNull(channel, "channel"));
    return found != null
        && found.listener() instanceof ChannelCallbacks callbacks
        && callbacks.replace(operation, null);
  }

  /** Puts a callback in place of another, which is cancelled; says whether there was one. */
  private boolean replace(int operation, @Nullable Handle handle) {
    Handle old;
    if (operation == IoPoller.READ) {
      old = reader;
      reader = handle;
    } else {
      old = writer;
      writer = handle;
    }
    if (old != null) {
      old.cancel();
    }
    askForWhatIsWanted();
    return old != null;
  }

  private void askForWhatIsWanted() {
    IoPoller.Registration place = registration;
    if (place == null) {
      return;
    }
    if (reader == null && writer == null) {
      place.release();
      loop.resourceClosed(channel);
    } else {
      place.setInterest(
          (reader == null ? 0 : IoPoller.READ) | (writer == null ? 0 : IoPoller.WRITE));
    }
  }

  @Override
  public void ready(int operations) {
    boolean allQueued = true;
    if ((operations & IoPoller.READ) != 0) {
      reader = queueUnlessCancelled(reader);
      allQueued = reader != null;
    }
    if ((operations & IoPoller.WRITE) != 0) {
      writer = queueUnlessCancelled(writer);
      allQueued &= writer != null;
    }
    if (!allQueued) {
      askForWhatIsWanted();
    }
  }

  /** A handle that was cancelled by itself is not queued, and no longer waited for (CB-14). */
  private @Nullable Handle queueUnlessCancelled(@Nullable Handle handle) {
    if (handle == null || handle.cancelled) {
      return null;
    }
    return loop.enqueueIo(handle);
  }

  /**
   * Lets each callback run once more: an operation on the closed channel would not wait, it fails.
   */
  @Override
  public void closedBehind() {
    registration = null;
    loop.resourceClosed(channel);
    for (Handle handle : new Handle[] {reader, writer}) {
      if (handle != null && !handle.cancelled) {
        loop.enqueueIo(new Handle(loop, handle.context, handle.callback));
      }
    }
    reader = null;
    writer = null;
  }
}
