package asyncio.bench;

import asyncio.bench.Peer.NotHere;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code ./asyncio bench NAME}: runs this library beside its peers and limits, in turns, and prints
 * a table for each metric.
 *
 * <p>The raw figures are written as JSON, and as a page with plots made of all the JSON files there
 * are.
 */
public final class Bench {
  private static final List<String> NAMES =
      List.of("micro", "echo", "lines", "bulk", "conns", "loops", "tls");

  private static final String USAGE =
      """
      Usage: ./asyncio bench NAME [OPTIONS]

        micro    tasks, callbacks and timers: nanoseconds each
        echo     CPU time for a request of 1 KiB, at a fixed rate on 100 connections
        lines    CPU time for a line of 64 bytes, pipelined
        bulk     CPU time for a GiB, sent back
        conns    memory for an idle connection
        loops    as echo, on one loop and on two that share the port; also with hard work
        tls      CPU time for a handshake, full or resumed, and for a GiB, received or sent
        all      every one of them

        --peers a,b,…   who takes part, beside the limits (all: everybody that can run here)
        --only a,b,…    micro: these metrics; tls: of full, resumed, receive, send
        --repeats N     how often each has its turn (3)
        --quick         a tenth of the work: for trying it out, not for figures
        --seconds N     how long the load is measured (5)
        --warmup N      how long before that (8; a JVM needs them)
        --rate N        requests, or batches of lines, a second (40000, 10000)
        --results DIR   where the figures go (benchmarks/target/results)
      """;

  /** What the command line asks for. */
  static final class Options {
    List<String> peers = List.of();
    List<String> only = List.of();
    int repeats = 3;
    boolean quick;
    double seconds = 5;
    double warmup = 8;
    int rate;
    Path results;

    Options(Path results) {
      this.results = results;
    }

    /** Whether a participant is wanted; the limits always are. */
    boolean wants(Peer peer) {
      return peers.isEmpty() || peer.role() == Peer.Role.LIMIT || peers.contains(peer.name());
    }
  }

  private Bench() {}

  public static void main(String[] args) throws Exception {
    Path home = Path.of(System.getProperty("asyncio.bench.home"));
    Options options = new Options(home.resolve("target/results"));
    List<String> names = new ArrayList<>();
    if (Arrays.asList(args).contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    try {
      parse(args, names, options);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(USAGE);
      System.exit(2);
    }
    int written = 0;
    try (Toolbox tools = new Toolbox(home.resolve("src"))) {
      checkPeers(options, tools);
      for (String name : names) {
        List<Measurements> all;
        try {
          all = run(name, tools, options);
        } catch (NotHere e) {
          System.err.println("skipped: " + name + ": " + e.getMessage());
          continue;
        }
        all.forEach(figures -> Table.print(figures, System.out));
        new Results(options.results).write(name, String.join(" ", args), all);
        written++;
      }
    }
    if (written == 0) {
      System.exit(1);
    }
    System.out.println();
    System.out.println("figures and plots: " + options.results);
  }

  private static List<Measurements> run(String name, Toolbox tools, Options options)
      throws Exception {
    return switch (name) {
      case "micro" -> new MicroBench(tools, options).run();
      case "tls" -> TlsBench.run(tools, options);
      default -> {
        var kind = ServerBench.Kind.valueOf(name.toUpperCase(Locale.ROOT));
        yield new ServerBench(kind, tools, options).run();
      }
    };
  }

  private static void parse(String[] args, List<String> names, Options options) {
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      if (!arg.startsWith("--")) {
        if (!arg.equals("all") && !NAMES.contains(arg)) {
          throw new IllegalArgumentException(
              "no such benchmark: " + arg + " (there are: " + String.join(" ", NAMES) + ", all)");
        }
        names.addAll(arg.equals("all") ? NAMES : List.of(arg));
        continue;
      }
      if (arg.equals("--quick")) {
        options.quick = true;
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(arg + " needs a value");
      }
      String value = args[++i];
      switch (arg) {
        case "--peers" -> options.peers = list(value);
        case "--only" -> options.only = list(value);
        case "--repeats" -> options.repeats = Integer.parseInt(value);
        case "--seconds" -> options.seconds = Double.parseDouble(value);
        case "--warmup" -> options.warmup = Double.parseDouble(value);
        case "--rate" -> options.rate = Integer.parseInt(value);
        case "--results" -> options.results = Path.of(value);
        default -> throw new IllegalArgumentException("no such option: " + arg);
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("bench needs a name");
    }
    if (options.quick) {
      options.seconds = Math.min(options.seconds, 1);
      options.warmup = Math.min(options.warmup, 1);
    }
  }

  private static List<String> list(String value) {
    return value.equals("all") ? List.of() : Arrays.asList(value.split(",", -1));
  }

  private static void checkPeers(Options options, Toolbox tools) {
    List<Peer> known = new ArrayList<>(Peers.servers(tools));
    known.addAll(Peers.loops(tools));
    known.addAll(Peers.tls(tools));
    known.addAll(Peers.micro(tools));
    List<String> names = known.stream().map(Peer::name).distinct().toList();
    for (String peer : options.peers) {
      if (!names.contains(peer)) {
        System.err.println(
            "no such peer: " + peer + " (there are: " + String.join(" ", names) + ")");
        System.exit(2);
      }
    }
  }
}
