import static asyncio.Asyncio.*;

import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Greets an SMTP-like server and reads its answers, which may have several lines. */
class SmtpGreeting {

  void main() {
    run(() -> {
      Server server = startServer(this::serve, "127.0.0.1", 0);
      try (var _ = server.scope()) {
        var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
        greet(address.getHostString(), address.getPort());
      }
    });
  }

  void greet(String host, int port) throws IOException {
    try (Streams connection = openConnection(host, port)) {
      show(answer(connection.reader()));
      for (String command : List.of("EHLO localhost", "NOOP", "HELP me", "QUIT")) {
        System.out.println("> " + command);
        connection.writer().writeUtf8(command + "\r\n");
        show(answer(connection.reader()));
      }
    }
  }

  void show(List<String> answer) {
    answer.forEach(line -> System.out.println("< " + line));
  }

  /** A code and a text in each line; a hyphen between them says that another line follows. */
  List<String> answer(StreamReader reader) throws IOException {
    List<String> lines = new ArrayList<>();
    do {
      lines.add(reader.readUtf8Line());
    } while (lines.getLast().charAt(3) == '-');
    return lines;
  }

  /** The other side. */
  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      writer.writeUtf8("220 mail.example ready\r\n");
      for (String command : reader.utf8Lines()) {
        writer.writeUtf8(
            switch (command.split(" ")[0]) {
              case "EHLO" -> "250-mail.example\r\n250-SIZE 1000\r\n250 HELP\r\n";
              case "NOOP" -> "250 ok\r\n";
              case "QUIT" -> "221 bye\r\n";
              default -> "500 unknown command\r\n";
            });
        writer.drain();
        if (command.equals("QUIT")) {
          return;
        }
      }
    }
  }
}
