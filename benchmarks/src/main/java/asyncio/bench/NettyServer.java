package asyncio.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * A peer: the same server on Netty, one event loop, with its NIO or one of its native transports.
 */
public final class NettyServer {
  private NettyServer() {}

  /**
   * Announces its port and serves until the listening channel is closed.
   *
   * @param loops how many event loops take the connections in turn
   * @param mode {@code echo}, {@code lines} or {@code work}
   */
  static void run(boolean epoll, int loops, String mode) throws InterruptedException {
    run(epoll, loops, pipeline -> addEcho(pipeline, mode));
  }

  /** As above, on another transport. */
  public static void run(IoHandlerFactory io, Class<? extends ServerChannel> type, String mode)
      throws InterruptedException {
    run(io, type, 1, pipeline -> addEcho(pipeline, mode));
  }

  /** As above, with the NIO or the native transport, and whatever serves a connection. */
  static void run(boolean epoll, int loops, Consumer<ChannelPipeline> service)
      throws InterruptedException {
    if (epoll) {
      run(EpollIoHandler.newFactory(), EpollServerSocketChannel.class, loops, service);
    } else {
      run(NioIoHandler.newFactory(), NioServerSocketChannel.class, loops, service);
    }
  }

  private static void addEcho(ChannelPipeline pipeline, String mode) {
    switch (mode) {
      case "lines" -> pipeline.addLast(new Lines());
      case "work" -> pipeline.addLast(new Working());
      default -> {}
    }
    pipeline.addLast(new Echo());
  }

  private static void run(
      IoHandlerFactory io,
      Class<? extends ServerChannel> type,
      int loops,
      Consumer<ChannelPipeline> service)
      throws InterruptedException {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(loops, io);
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    service.accept(channel.pipeline());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    EchoServer.announce(((InetSocketAddress) listener.localAddress()).getPort());
    listener.closeFuture().sync();
  }

  private static final class Lines extends ByteToMessageDecoder {
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int length = in.bytesBefore((byte) '\n');
      if (length >= 0) {
        out.add(in.readRetainedSlice(length + 1));
      }
    }
  }

  private static final class Working extends ChannelInboundHandlerAdapter {
    private final Work work = new Work();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      work.on(((ByteBuf) message).nioBuffer());
      context.fireChannelRead(message);
    }
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
