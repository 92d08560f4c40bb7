import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One service on several loops, each on a thread of its own, so that it uses several processors.
 * {@code MultiLoopServer PORT [LOOPS [KERNEL | ROUND_ROBIN]]} serves until SIGTERM or Ctrl-C, and
 * then ends in good order. Without arguments it has clients of its own and sends itself the signal.
 */
class MultiLoopServer {
  void main(String[] args) {
    int wanted = args.length > 0 ? Integer.parseInt(args[0]) : 0;
    int loops = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    var spread = SharedPort.Spread.valueOf(args.length > 2 ? args[2] : "ROUND_ROBIN");
    run(() -> {
      var shutdown = new GracefulShutdown(); // this loop hears the signals …
      try (var port =
          getRunningLoop().sharePort("127.0.0.1", wanted, spread, ServerOptions.DEFAULT)) {
        createTask(() -> begin(port.port(), loops, args.length == 0));
        taskGroup(tasks -> {
          Task<List<Integer>> group =
              tasks.createTask(
                  () -> new LoopGroup(loops).run(index -> serve(index, port, shutdown)));
          shutdown.serve();
          List<Integer> answered = await(group);
          for (int i = 0; i < loops; i++) {
            System.out.println("loop " + i + " has answered " + answered.get(i) + " times");
          }
        });
      }
    });
  }

  /** Runs once on each loop. What belongs to one loop needs no lock: here, a counter. */
  int serve(int index, SharedPort port, GracefulShutdown shutdown) throws IOException {
    var answered =
        new Object() {
          int times;
        };
    Server server =
        startServer(
            (in, out) -> {
              try (out) {
                for (String line = in.readUtf8Line(); line != null; line = in.readUtf8Line()) {
                  out.writeUtf8("loop " + index + " says " + line + "\n");
                  answered.times++;
                }
              }
            },
            port);
    new GracefulShutdown(shutdown).serve(server); // … and the others follow it
    return answered.times;
  }

  void begin(int port, int loops, boolean demonstrate) throws IOException {
    System.out.println("listening on 127.0.0.1 " + port);
    if (!demonstrate) {
      return;
    }
    Set<String> answers = new TreeSet<>();
    while (answers.size() < loops) {
      try (Streams client = openConnection("127.0.0.1", port)) {
        client.writer().writeUtf8("hello\n");
        answers.add(client.reader().readUtf8Line());
      }
    }
    answers.forEach(System.out::println);
    new ProcessBuilder("kill", "-s", "TERM", Long.toString(ProcessHandle.current().pid())).start();
  }
}
