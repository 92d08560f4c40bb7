import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A server that ends in good order at SIGTERM: it finishes the requests that are under way, cancels
 * those that take too long, and exits with 0. {@code GracefulServer PORT} serves until then: {@code
 * echo 500 | nc localhost PORT} is a request of half a second. Without arguments it has two clients
 * of its own and sends itself the signal.
 */
class GracefulServer {
  final ShutdownOptions limits =
      ShutdownOptions.DEFAULT.withDrain(seconds(1)).withGrace(millis(100)).withCancel(seconds(5));

  void main(String[] args) {
    run(() -> {
      var shutdown = new GracefulShutdown(limits);
      int wanted = args.length == 0 ? 0 : Integer.parseInt(args[0]);
      Server server = startServer((in, out) -> answer(in, out, shutdown), "127.0.0.1", wanted);
      int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
      if (args.length == 0) {
        createTask(() -> demonstrate(port));
      } else {
        System.out.println("serving on port " + port);
      }

      ShutdownReport report = shutdown.serve(server); // until SIGTERM or SIGINT

      System.out.println("begun by " + report.reason() + ", ended in phase " + report.last());
      report
          .cancelled()
          .forEach(task -> System.out.println("cancelled, created at " + task.createdAt()));
    });
  }

  /** Answers one request after the other; each is a number of milliseconds to work. */
  void answer(StreamReader in, StreamWriter out, GracefulShutdown shutdown) throws IOException {
    try (out) {
      for (String line = in.readUtf8Line(); line != null; line = in.readUtf8Line()) {
        sleep(millis(Long.parseLong(line)));
        out.writeUtf8("worked for " + line + " ms\n");
        if (shutdown.isRequested()) {
          return;
        }
      }
    } catch (CancelledError e) {
      System.out.println("a request was cancelled");
      throw e;
    }
  }

  void demonstrate(int port) throws IOException {
    Streams slow = openConnection("127.0.0.1", port);
    slow.writer().writeUtf8("3600000\n");
    Streams quick = openConnection("127.0.0.1", port);
    quick.writer().writeUtf8("200\n");
    sleep(millis(100)); // both are under way
    new ProcessBuilder("kill", "-s", "TERM", Long.toString(ProcessHandle.current().pid())).start();
    System.out.println("the quick client hears: " + quick.reader().readUtf8Line());
    System.out.println("the slow client hears: " + slow.reader().readUtf8Line());
  }
}
