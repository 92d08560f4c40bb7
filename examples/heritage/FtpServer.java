import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Serves files as FTP does: commands on one connection, and for each file a second one that the
 * client opens to a port it is told. Here the files are made up: {@code RETR 1000} gets 1000 bytes.
 */
class FtpServer {
  long mostKept;

  /** The control connection of one client. */
  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    Server passive = null;
    Future<StreamWriter> data = null;
    try (writer) {
      writer.writeUtf8("220 ready\r\n");
      for (String line : reader.utf8Lines()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "PASV" -> {
            Future<StreamWriter> connected = getRunningLoop().createFuture();
            data = connected;
            passive =
                startServer(
                    ClientHandler.callback((_, to) -> connected.setResult(to)), "127.0.0.1", 0);
            writer.writeUtf8("227 port " + port(passive) + "\r\n");
          }
          case "RETR" -> {
            writer.writeUtf8("150 here it comes\r\n");
            send(Integer.parseInt(words[1]), data.await());
            passive.close();
            writer.writeUtf8("226 done\r\n");
          }
          case "QUIT" -> {
            writer.writeUtf8("221 bye\r\n");
            return;
          }
          default -> writer.writeUtf8("502 " + words[0] + " is not known\r\n");
        }
      }
    }
  }

  /** Goes no faster than the client reads. */
  void send(int size, StreamWriter to) throws IOException {
    byte[] block = "x".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    try (to) {
      for (int left = size; left > 0; left -= block.length) {
        to.write(left < block.length ? java.util.Arrays.copyOf(block, left) : block);
        mostKept = Math.max(mostKept, to.transport().getWriteBufferSize());
        to.drain();
      }
    }
  }

  static int port(Server server) {
    return ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
  }

  /** A client that is slow at first. */
  void retrieve(int port, int size) throws IOException {
    try (Streams control = openConnection("127.0.0.1", port)) {
      System.out.println(control.reader().readUtf8Line());
      control.writer().writeUtf8("PASV\r\n");
      int dataPort = Integer.parseInt(control.reader().readUtf8Line().split(" ")[2]);
      try (Streams data = openConnection("127.0.0.1", dataPort)) {
        control.writer().writeUtf8("RETR " + size + "\r\n");
        System.out.println(control.reader().readUtf8Line());
        sleep(millis(100));
        System.out.println(data.reader().readAll().length + " bytes");
      }
      System.out.println(control.reader().readUtf8Line());
      control.writer().writeUtf8("LIST\r\nQUIT\r\n");
      System.out.println(control.reader().readUtf8Line());
      System.out.println(control.reader().readUtf8Line());
    }
  }

  void main() {
    run(() -> {
      Server server = startServer(this::serve, "127.0.0.1", 0);
      try (var _ = server.scope()) {
        retrieve(port(server), 20_000_000);
      }
      System.out.println("kept at most 100 kB: " + (mostKept < 100_000));
    });
  }
}
