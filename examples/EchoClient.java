import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Sends lines to an echo server and prints what comes back: {@code EchoClient HOST PORT}. Without
 * arguments it talks to a server of its own.
 */
class EchoClient {
  void main(String[] args) {
    run(() -> {
      if (args.length == 2) {
        talk(args[0], Integer.parseInt(args[1]));
      } else {
        Server server = startServer(this::echo, "127.0.0.1", 0);
        try (var _ = server.scope()) { // closes it, and waits until its connections have ended
          var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
          talk(address.getHostString(), address.getPort());
        }
      }
    });
  }

  void talk(String host, int port) throws IOException {
    try (Streams echo = openConnection(host, port)) {
      for (String line : new String[] {"one", "two", "three"}) {
        echo.writer().writeUtf8(line + "\n");
        echo.writer().drain(); // waits if the server is slower than this
        System.out.println("echo: " + echo.reader().readUtf8Line());
      }
    }
  }

  /** Deals with one connection, in a task of its own. */
  void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
        writer.drain();
      }
    }
    System.out.println("the client has gone");
  }
}
