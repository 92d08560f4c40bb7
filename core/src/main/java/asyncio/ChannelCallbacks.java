package asyncio;

import asyncio.internal.loop.ChannelWatch;
import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;

/**
 * What {@link EventLoop#addReader} and {@link EventLoop#addWriter} set.
 *
 * <p><b>Order:</b> a ready channel's callback is queued by the poll, behind what was ready before,
 * and only if it has not been removed until its turn comes.
 */
final class ChannelCallbacks {

  /** A callback that is called as long as its channel is open. */
  private static final class ReadyHandle extends Handle implements ChannelWatch.Watcher {
    private final SelectableChannel channel;
    private final ChannelWatch watch;
    private final int operation;

    ReadyHandle(
        AbstractEventLoop loop,
        SelectableChannel channel,
        ChannelWatch watch,
        int operation,
        Runnable callback) {
      super(loop, Context.currentBindings(), callback);
      this.channel = channel;
      this.watch = watch;
      this.operation = operation;
    }

    @Override
    public boolean ready() {
      if (wasCancelled()) { // by itself: it is no longer waited for (CB-14)
        noteLeft();
        return false;
      }
      loop.enqueueIo(this);
      return true;
    }

    /** Tells the instruments if this was the last callback of its channel. */
    void noteLeft() {
      int other = IoPoller.READ + IoPoller.WRITE - operation;
      if (!(watch.watcher(other) instanceof ReadyHandle)) {
        loop.resourceClosed(channel);
      }
    }

    @Override
    void run() {
      if (channel.isOpen()) { // else it was closed in this iteration, and the next poll tells
        super.run();
      }
    }

    /** Has the callback called once more, to meet the failure. */
    @Override
    public void closed() {
      loop.resourceClosed(channel);
      if (!wasCancelled()) {
        loop.enqueueIo(new Handle(loop, context, callback));
      }
    }
  }

  private ChannelCallbacks() {}

  /** Sets the callback for one operation, in place of the one that is there. */
  static void set(
      AbstractEventLoop loop,
      IoPoller poller,
      SelectableChannel channel,
      int operation,
      Runnable callback) {
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(callback, "callback");
    ChannelWatch watch = watch(poller, channel);
    ChannelWatch.Watcher old = watch.watcher(operation);
    if (old != null && !(old instanceof ReadyHandle)) {
      throw new IllegalStateException(
          channel + " is waited for already, by " + old + "; cancel that, or await its end");
    }
    watch.set(operation, new ReadyHandle(loop, channel, watch, operation, callback));
    if (old != null) {
      ((ReadyHandle) old).cancel();
    }
    loop.resourceOpened(channel);
  }

  private static ChannelWatch watch(IoPoller poller, SelectableChannel channel) {
    try {
      return ChannelWatch.of(poller, channel);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "channel: " + channel + " is closed; only an open one can be waited for", e);
    }
  }

  /** Removes the callback for one operation; false if there is none. */
  static boolean remove(IoPoller poller, SelectableChannel channel, int operation) {
    IoPoller.Registration found = poller.find(Objects.requireNonNull(channel, "channel"));
    if (found == null
        || !(found.listener() instanceof ChannelWatch watch)
        || !(watch.watcher(operation) instanceof ReadyHandle handle)) {
      return false;
    }
    watch.set(operation, null);
    handle.cancel();
    handle.noteLeft();
    return true;
  }
}
