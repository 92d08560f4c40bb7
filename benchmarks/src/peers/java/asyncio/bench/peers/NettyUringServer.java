package asyncio.bench.peers;

import asyncio.bench.NettyServer;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

/**
 * A peer of the network benchmarks: Netty with its io_uring transport. Argument: {@code echo} or
 * {@code lines}.
 */
public final class NettyUringServer {
  private NettyUringServer() {}

  public static void main(String[] args) throws Exception {
    IoUring.ensureAvailability();
    NettyServer.run(IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class, args[0]);
  }
}
