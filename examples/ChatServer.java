import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A room in which everybody hears what anybody says: {@code ChatServer PORT}, and then {@code nc
 * localhost PORT} in several terminals. Without an argument three guests meet in the program
 * itself.
 *
 * <p>There is no lock: {@code guests} belongs to the loop, and tasks switch only where they wait.
 */
class ChatServer {
  final Map<String, StreamWriter> guests = new LinkedHashMap<>();

  void main(String[] args) {
    run(() -> {
      if (args.length == 1) {
        startServer(this::welcome, null, Integer.parseInt(args[0])).serveForever();
      } else {
        Server server = startServer(this::welcome, "127.0.0.1", 0);
        try (var _ = server.scope()) {
          rehearse(((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort());
        }
      }
    });
  }

  /** Looks after one guest, from the name to the farewell. */
  void welcome(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      writer.writeUtf8("Your name?\n");
      String name = reader.readUtf8Line();
      if (name == null || guests.putIfAbsent(name, writer) != null) {
        writer.writeUtf8("Sorry, that is taken.\n");
        return;
      }
      try {
        tellAll("* " + name + " comes in, we are " + guests.size());
        for (String line : reader.utf8Lines()) {
          tellAll(name + ": " + line);
        }
      } catch (UncheckedIOException e) {
        tellAll("* the line to " + name + " is broken");
      } finally {
        guests.remove(name);
        tellAll("* " + name + " has left");
      }
    }
  }

  void tellAll(String line) {
    for (StreamWriter guest : guests.values()) {
      if (guest.transport().getWriteBufferSize() < 1_000_000) { // one who does not listen misses it
        guest.writeUtf8(line + "\n");
      }
    }
  }

  // ---- three guests

  record Guest(String name, Streams streams) {
    static Guest enter(int port, String name) throws IOException {
      var guest = new Guest(name, openConnection("127.0.0.1", port));
      guest.hear();
      guest.say(name);
      return guest;
    }

    void say(String line) {
      streams.writer().writeUtf8(line + "\n");
    }

    void hear() throws IOException {
      System.out.println(name + " hears  " + streams.reader().readUtf8Line());
    }
  }

  void rehearse(int port) throws IOException {
    Guest ada = Guest.enter(port, "ada");
    ada.hear();
    Guest bob = Guest.enter(port, "bob");
    ada.hear();
    bob.hear();
    bob.say("hello");
    ada.hear();
    bob.hear();
    Guest impostor = Guest.enter(port, "bob");
    impostor.hear();
    bob.streams().close();
    ada.hear();
    ada.streams().close();
  }
}
