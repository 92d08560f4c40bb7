import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;

/**
 * Push and pull over streams, as ZeroMQ's PUSH and PULL sockets: a ventilator hands out work to
 * whoever asks next, workers push results to a sink. A message is its length and its bytes.
 */
class ZmqPushPull {
  int next = 1;
  final TreeSet<Integer> squares = new TreeSet<>();

  static void push(StreamWriter writer, String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    writer.write(ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).flip());
    writer.drain();
  }

  /** The next message, or null at the end of the stream. */
  static String pull(StreamReader reader) throws IOException {
    try {
      int length = ByteBuffer.wrap(reader.readExactly(4)).getInt();
      return new String(reader.readExactly(length), StandardCharsets.UTF_8);
    } catch (EOFException e) {
      return null;
    }
  }

  /** Gives each worker as much as it takes. */
  void ventilate(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      while (pull(reader) != null && next <= 20) {
        push(writer, Integer.toString(next++));
      }
    }
  }

  void sink(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (String square = pull(reader); square != null; square = pull(reader)) {
        squares.add(Integer.parseInt(square));
      }
    }
  }

  void work(int source, int target) throws IOException {
    try (Streams from = openConnection("127.0.0.1", source);
        Streams to = openConnection("127.0.0.1", target)) {
      push(from.writer(), "ready");
      for (String task = pull(from.reader()); task != null; task = pull(from.reader())) {
        int number = Integer.parseInt(task);
        push(to.writer(), Integer.toString(number * number));
        push(from.writer(), "ready");
      }
    }
  }

  static int port(Server server) {
    return ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
  }

  void main() {
    run(() -> {
      Server source = startServer(this::ventilate, "127.0.0.1", 0);
      Server target = startServer(this::sink, "127.0.0.1", 0);
      try (var _ = target.scope();
          var _ = source.scope()) {
        taskGroup(workers -> {
          for (int i = 0; i < 3; i++) {
            workers.createTask(() -> work(port(source), port(target)));
          }
        });
      }
      System.out.println(squares);
    });
  }
}
