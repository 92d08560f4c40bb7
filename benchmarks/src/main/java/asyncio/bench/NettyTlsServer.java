package asyncio.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;

/** A peer: the same server on Netty, one event loop, with the TLS of the JDK. */
final class NettyTlsServer {
  private NettyTlsServer() {}

  static void run(boolean epoll, TlsBench.Kind kind, Path certificate, Path key) throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(certificate.toFile(), key.toFile())
            .sslProvider(SslProvider.JDK)
            .build();
    NettyServer.run(
        epoll,
        1,
        pipeline ->
            pipeline.addLast(tls.newHandler(pipeline.channel().alloc()), new Serving(kind)));
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
