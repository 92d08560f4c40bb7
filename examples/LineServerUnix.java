import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Answers each line in capitals, on a UNIX domain socket: {@code LineServerUnix /tmp/lines.sock},
 * and then {@code nc -U /tmp/lines.sock}. Without an argument the program is its own client.
 */
class LineServerUnix {
  void main(String[] args) throws IOException {
    if (args.length == 1) {
      run(() -> startUnixServer(this::serve, Path.of(args[0])).serveForever());
      return;
    }
    Path folder = Files.createTempDirectory("lines"); // ours alone, so the socket is too
    Path socket = folder.resolve("sock");
    run(() -> {
      try (var _ = startUnixServer(this::serve, socket).scope();
          Streams streams = openUnixConnection(socket)) {
        streams.writer().writeUtf8("hello\nover a file\n");
        streams.writer().writeEof(); // no more questions
        for (String line : streams.reader().utf8Lines()) {
          System.out.println(line);
        }
      }
    });
    System.out.println("the socket is " + (Files.exists(socket) ? "still there" : "gone"));
    Files.delete(folder);
  }

  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (String line : reader.utf8Lines()) {
        writer.writeUtf8(line.toUpperCase(Locale.ROOT) + "\n");
        writer.drain();
      }
    }
  }
}
