package asyncio.internal.net;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import asyncio.internal.loop.ChannelWatch;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One task's wait until a channel is ready: the only object that waiting makes.
 *
 * <p>It watches its channel until the task goes on, so nobody else can take what the task was woken
 * for; but once it is cancelled, it has left, also if the task was woken before.
 */
final class ChannelWait extends Future<@Nullable Void> implements ChannelWatch.Watcher, Waited {
  private final IoHost host;
  private final SelectableChannel channel;
  private final ChannelWatch watch;
  private final int operation;

  private ChannelWait(IoHost host, SelectableChannel channel, ChannelWatch watch, int operation) {
    super(host.loop());
    this.host = host;
    this.channel = channel;
    this.watch = watch;
    this.operation = operation;
  }

  /**
   * Suspends the calling task until the channel is ready, or closed.
   *
   * @throws IOException if it is closed already
   * @throws IllegalStateException if somebody else waits for it
   */
  @Suspends
  static void await(IoHost host, SelectableChannel channel, int operation) throws IOException {
    ChannelWatch watch = ChannelWatch.of(host.poller(), channel);
    checkFree(watch, channel, operation);
    ChannelWait wait = new ChannelWait(host, channel, watch, operation);
    watch.set(operation, wait);
    try {
      wait.await();
    } finally {
      wait.leave();
    }
  }

  /**
   * @throws IllegalStateException if a transport uses the channel, or somebody waits for it
   */
  static void checkFree(IoHost host, SelectableChannel channel, int operation) {
    ChannelWatch watch = ChannelWatch.find(host.poller(), channel);
    if (watch != null) {
      checkFree(watch, channel, operation);
    }
  }

  private static void checkFree(ChannelWatch watch, SelectableChannel channel, int operation) {
    ChannelWatch.Watcher other = watch.watcher(operation);
    if (other != null) {
      throw new IllegalStateException(
          channel
              + " is waited for already, by "
              + other
              + "; one at a time may "
              + (operation == IoPoller.READ ? "read or accept" : "write or connect")
              + ": await its end, or cancel it");
    }
  }

  private void leave() {
    if (watch.watcher(operation) == this) {
      watch.set(operation, null);
    }
  }

  @Override
  public boolean ready() {
    if (!isDone()) {
      host.takeArrivals();
      setResult(null);
    }
    return true;
  }

  @Override
  public void closed() {
    ready();
  }

  @Override
  public boolean cancel(@Nullable Object reason) {
    leave();
    return super.cancel(reason);
  }

  @Override
  public String waitKind() {
    return "socket";
  }

  @Override
  public WaitKind kindOfWait() {
    if (operation == IoPoller.READ) {
      return channel instanceof ServerSocketChannel ? WaitKind.SOCKET_ACCEPT : WaitKind.SOCKET_READ;
    }
    return channel instanceof SocketChannel socket && socket.isConnectionPending()
        ? WaitKind.SOCKET_CONNECT
        : WaitKind.SOCKET_WRITE;
  }

  @Override
  public Object waitedFor() {
    return channel;
  }

  @Override
  public String describeWait() {
    return kindOfWait() + " " + channel;
  }

  @Override
  public String toString() {
    return "<wait to " + (operation == IoPoller.READ ? "read " : "write ") + channel + ">";
  }
}
