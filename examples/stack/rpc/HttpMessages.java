package rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Netty's reading and writing of HTTP/1.1, without its network: bytes in, messages out, and the
 * other way round.
 *
 * @param <I> the messages that come in
 */
final class HttpMessages<I extends FullHttpMessage> {
  private static final int MAX_BODY = 1 << 20;

  private final Class<I> type;
  private final EmbeddedChannel channel;

  HttpMessages(Class<I> type, ChannelHandler codec) {
    this.type = type;
    this.channel = new EmbeddedChannel(codec, new HttpObjectAggregator(MAX_BODY));
  }

  /** Takes bytes, and hands on the messages that are complete; a message is released afterwards. */
  void decode(ByteBuffer data, Consumer<I> taker) {
    channel.writeInbound(Unpooled.copiedBuffer(data));
    for (Object next; (next = channel.readInbound()) != null; ) {
      I message = type.cast(next);
      try {
        taker.accept(message);
      } finally {
        message.release();
      }
    }
  }

  /** What has to be sent without being asked for, such as "100 Continue", or a message's bytes. */
  void encode(Object message, Consumer<ByteBuffer> below) {
    if (message != null) {
      channel.writeOutbound(message);
    }
    for (ByteBuf next; (next = channel.readOutbound()) != null; ) {
      try {
        below.accept(ByteBuffer.wrap(bytes(next)));
      } finally {
        next.release();
      }
    }
  }

  /** Frees what is kept of messages that are not complete. */
  void close() {
    channel.finishAndReleaseAll();
  }

  static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return bytes;
  }

  /** A body as the line of text that the protocol above reads. */
  static ByteBuffer line(ByteBuf body) {
    byte[] bytes = bytes(body);
    boolean isEnded = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    ByteBuffer line = ByteBuffer.allocate(bytes.length + 1);
    for (int i = 0; i < bytes.length - (isEnded ? 1 : 0); i++) {
      line.put(bytes[i] == '\n' ? (byte) ' ' : bytes[i]); // between the tokens of JSON, the same
    }
    return line.put((byte) '\n').flip();
  }
}
