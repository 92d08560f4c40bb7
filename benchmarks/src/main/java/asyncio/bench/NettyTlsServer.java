package asyncio.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A peer: the same server on Netty, one event loop, with the TLS of the JDK. */
final class NettyTlsServer {
  private NettyTlsServer() {}

  static void run(boolean epoll, TlsBench.Kind kind, Path certificate, Path key) throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(certificate.toFile(), key.toFile())
            .sslProvider(SslProvider.JDK)
            .build();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
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
                    channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    channel.pipeline().addLast(new Serving(kind));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    EchoServer.announce(((InetSocketAddress) listener.localAddress()).getPort());
    listener.closeFuture().sync();
  }

  private static final class Serving extends ChannelInboundHandlerAdapter {
    private static final ByteBuf PIECE =
        Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[TlsServer.PIECE]));

    private final TlsBench.Kind kind;
    private boolean isAsked;

    Serving(TlsBench.Kind kind) {
      this.kind = kind;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      switch (kind) {
        case FULL, RESUMED ->
            context
                .writeAndFlush(Unpooled.wrappedBuffer(TlsServer.ANSWER))
                .addListener(ChannelFutureListener.CLOSE);
        case RECEIVE -> {}
        case SEND -> {
          isAsked = true;
          send(context);
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (isAsked) {
        send(context);
      }
    }

    private static void send(ChannelHandlerContext context) {
      while (context.channel().isWritable()) {
        context.writeAndFlush(PIECE.duplicate(), context.voidPromise());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
