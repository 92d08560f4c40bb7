package asyncio.bench.peers;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;

/**
 * A peer of the network benchmarks: a server on Vert.x with one event loop. Prints {@code listening
 * PORT}. Argument: {@code echo} or {@code lines}.
 */
public final class VertxServer {
  private VertxServer() {}

  public static void main(String[] args) {
    boolean lines = args[0].equals("lines");
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    vertx
        .createNetServer(new NetServerOptions().setTcpNoDelay(true).setAcceptBacklog(4096))
        .connectHandler(lines ? VertxServer::answerLines : VertxServer::answer)
        .listen(0, "127.0.0.1")
        .onSuccess(server -> System.out.println("listening " + server.actualPort()))
        .onFailure(Throwable::printStackTrace);
  }

  private static void answer(NetSocket socket) {
    socket.handler(data -> {
      socket.write(data);
      if (socket.writeQueueFull()) {
        socket.pause();
        socket.drainHandler(_ -> socket.resume());
      }
    });
  }

  private static void answerLines(NetSocket socket) {
    socket.handler(
        RecordParser.newDelimited(
            "\n", (Buffer line) -> socket.write(line.copy().appendByte((byte) '\n'))));
  }
}
