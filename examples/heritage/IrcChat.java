import static asyncio.Asyncio.*;

import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A chat server that understands a little of IRC, and two guests who meet in a channel. */
class IrcChat {
  final Map<String, Set<StreamWriter>> channels = new HashMap<>();

  /** Looks after one guest: NICK, JOIN, PRIVMSG, QUIT. */
  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    String nick = "nobody";
    try (writer) {
      for (String line : reader.utf8Lines()) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "NICK" -> nick = words[1];
          case "JOIN" -> {
            channels.computeIfAbsent(words[1], _ -> new LinkedHashSet<>()).add(writer);
            tell(words[1], null, ":" + nick + " " + line);
          }
          case "PRIVMSG" -> tell(words[1], writer, ":" + nick + " " + line);
          case "QUIT" -> {
            return;
          }
          default -> writer.writeUtf8("421 " + nick + " " + words[0] + " :Unknown command\r\n");
        }
      }
    } finally {
      channels.values().forEach(members -> members.remove(writer));
    }
  }

  void tell(String channel, StreamWriter exceptFor, String line) {
    for (StreamWriter member : channels.getOrDefault(channel, Set.of())) {
      if (member != exceptFor) {
        member.writeUtf8(line + "\r\n");
      }
    }
  }

  void main() {
    run(() -> {
      Server server = startServer(this::serve, "127.0.0.1", 0);
      int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
      try (var _ = server.scope();
          var ada = openConnection("127.0.0.1", port);
          var bob = openConnection("127.0.0.1", port)) {
        ada.writer().writeUtf8("NICK ada\r\nJOIN #java\r\nDANCE\r\n");
        System.out.println("ada sees " + ada.reader().readUtf8Line());
        System.out.println("ada sees " + ada.reader().readUtf8Line());
        bob.writer().writeUtf8("NICK bob\r\nJOIN #java\r\nPRIVMSG #java :hello\r\nQUIT\r\n");
        System.out.println("bob sees " + bob.reader().readUtf8Line());
        System.out.println("ada sees " + ada.reader().readUtf8Line());
        System.out.println("ada sees " + ada.reader().readUtf8Line());
      }
    });
  }
}
