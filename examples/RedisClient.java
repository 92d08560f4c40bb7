import static asyncio.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * A Redis client for many tasks on one connection: {@code RedisClient HOST PORT}. Each caller
 * writes its command and waits for a future; one task reads the replies, which come in the order of
 * the commands. Without arguments it talks to a small server of its own that knows a few commands.
 */
class RedisClient {
  static final byte[] CRLF = {'\r', '\n'};

  /** A connection to a server. */
  static final class Redis implements AutoCloseable {
    private final Streams streams;
    private final Queue<Future<Object>> waiting = new ArrayDeque<>();

    private Redis(Streams streams) {
      this.streams = streams;
      createTask(this::readReplies);
    }

    static Redis connect(String host, int port) throws IOException {
      return new Redis(openConnection(host, port));
    }

    /** Sends a command and waits for its reply; commands of other tasks may be on the way too. */
    Object call(String... words) throws IOException {
      Future<Object> reply = getRunningLoop().createFuture();
      waiting.add(reply);
      write(streams.writer(), words);
      streams.writer().drain();
      return reply.await();
    }

    private void readReplies() {
      try {
        while (true) {
          Object reply = read(streams.reader());
          Future<Object> caller = waiting.remove();
          if (caller.isDone()) {
            continue; // its task was cancelled
          }
          if (reply instanceof Exception error) {
            caller.setException(error);
          } else {
            caller.setResult(reply);
          }
        }
      } catch (IOException e) { // also the end of the stream
        waiting.forEach(caller -> caller.cancel("the connection is lost: " + e.getMessage()));
      }
    }

    @Override
    public void close() {
      streams.close();
    }
  }

  // ---- the protocol, https://redis.io/docs/latest/develop/reference/protocol-spec/

  static void write(StreamWriter writer, String... words) {
    writer.writeUtf8("*" + words.length + "\r\n");
    for (String word : words) {
      writer.writeUtf8("$" + word.getBytes(UTF_8).length + "\r\n" + word + "\r\n");
    }
  }

  /** A string, a number, a list, null, or an exception that stands for an error reply. */
  static Object read(StreamReader reader) throws IOException {
    byte[] line = reader.readUntil(CRLF);
    String text = new String(line, 1, line.length - 3, UTF_8);
    return switch (line[0]) {
      case '+' -> text;
      case '-' -> new IllegalStateException(text);
      case ':' -> Long.valueOf(text);
      case '$' -> text.equals("-1") ? null : readBulk(reader, Integer.parseInt(text));
      case '*' -> readArray(reader, Integer.parseInt(text));
      default -> throw new IOException("no reply begins with " + (char) line[0]);
    };
  }

  static String readBulk(StreamReader reader, int length) throws IOException {
    return new String(reader.readExactly(length + 2), 0, length, UTF_8); // and CRLF
  }

  static List<Object> readArray(StreamReader reader, int length) throws IOException {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(read(reader));
    }
    return items;
  }

  // ---- what the program does

  void main(String[] args) {
    run(() -> {
      if (args.length == 2) {
        demonstrate(args[0], Integer.parseInt(args[1]));
      } else {
        Server server = startServer(this::serve, "127.0.0.1", 0);
        try (var _ = server.scope()) {
          var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
          demonstrate(address.getHostString(), address.getPort());
        }
      }
    });
  }

  void demonstrate(String host, int port) throws IOException {
    try (Redis redis = Redis.connect(host, port)) {
      System.out.println(redis.call("SET", "greeting", "good morning"));
      System.out.println(redis.call("GET", "greeting"));
      redis.call("DEL", "visits");
      List<Object> visits =
          await(
              gather(
                  () -> redis.call("INCR", "visits"), // three commands on the way at once
                  () -> redis.call("INCR", "visits"),
                  () -> redis.call("INCR", "visits")));
      System.out.println(visits);
      System.out.println(redis.call("MGET", "greeting", "visits", "nothing"));
      try {
        redis.call("INCR", "greeting");
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  // ---- enough of a server

  final Map<String, String> store = new HashMap<>();

  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      while (read(reader) instanceof List<?> words) {
        writer.writeUtf8(reply(words.stream().map(String.class::cast).toArray(String[]::new)));
        writer.drain();
      }
    } catch (IncompleteReadException e) {
      // the client has gone
    }
  }

  String reply(String... words) {
    return switch (words[0]) {
      case "SET" -> {
        store.put(words[1], words[2]);
        yield "+OK\r\n";
      }
      case "GET" -> bulk(store.get(words[1]));
      case "MGET" -> {
        var array = new StringBuilder("*" + (words.length - 1) + "\r\n");
        for (int i = 1; i < words.length; i++) {
          array.append(bulk(store.get(words[i])));
        }
        yield array.toString();
      }
      case "DEL" -> ":" + (store.remove(words[1]) == null ? 0 : 1) + "\r\n";
      case "INCR" -> {
        try {
          int value = Integer.parseInt(store.getOrDefault(words[1], "0")) + 1;
          store.put(words[1], "" + value);
          yield ":" + value + "\r\n";
        } catch (NumberFormatException e) {
          yield "-ERR value is not an integer or out of range\r\n";
        }
      }
      default -> "-ERR unknown command '" + words[0] + "'\r\n";
    };
  }

  static String bulk(String value) {
    return value == null ? "$-1\r\n" : "$" + value.getBytes(UTF_8).length + "\r\n" + value + "\r\n";
  }
}
