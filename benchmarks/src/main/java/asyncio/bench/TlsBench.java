package asyncio.bench;

import asyncio.bench.Bench.Options;
import asyncio.bench.Measurements.Figure;
import asyncio.bench.Peer.NotHere;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The benchmark of servers with TLS, beside Netty with the same engine, the JDK's: the same
 * version, cipher and certificate, each in a process of its own on one core; a client on OpenSSL,
 * the same for all, has the other.
 *
 * <p>The figures are the server's CPU time and the time that has passed, for a connection with its
 * handshake, one request and its end, or for a GiB received or sent. The load is as fast as the
 * server goes, and is an amount, not a time: on a busy machine a server would otherwise be measured
 * cold.
 */
final class TlsBench {
  private static final double GIB = 1L << 30;
  private static final double LEAST_RESUMED = 0.95; // a server may refuse a session now and then
  private static final int CONNECTIONS = 16;

  /** A benchmark: what the server does, and how much of it. */
  enum Kind {
    FULL("full handshake", 4000, 3000),
    RESUMED("resumed handshake", 4000, 3000),
    RECEIVE("received", 2048, 4096),
    SEND("sent", 2048, 4096);

    private final String metric;

    /** Handshakes or MiB. */
    private final int warmup;

    private final int count;

    Kind(String metric, int warmup, int count) {
      this.metric = "tls, " + metric;
      this.warmup = warmup;
      this.count = count;
    }

    boolean isOfHandshakes() {
      return this == FULL || this == RESUMED;
    }

    String lowerCase() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Kind kind;
  private final TlsFiles files;
  private final String generator;
  private final Options options;
  private final Measurements cpu;
  private final Measurements elapsed;

  private TlsBench(Kind kind, TlsFiles files, String generator, Options options) {
    this.kind = kind;
    this.files = files;
    this.generator = generator;
    this.options = options;
    this.cpu = new Measurements(kind.metric, kind.isOfHandshakes() ? "cpu-µs" : "cpu-ms");
    this.elapsed = new Measurements(kind.metric + ", elapsed", kind.isOfHandshakes() ? "µs" : "ms");
  }

  /**
   * Runs those that the options want.
   *
   * @throws NotHere if the load generator cannot be had
   */
  static List<Measurements> run(Toolbox tools, Options options) throws Exception {
    String generator;
    try {
      generator = tools.c("tlsload", "-lssl", "-lcrypto");
    } catch (NotHere e) {
      throw new NotHere(
          "the load generator needs a C compiler and OpenSSL's headers (Debian: gcc, libssl-dev): "
              + e.getMessage());
    }
    TlsFiles files = TlsFiles.make(tools);
    List<Measurements> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (options.only.isEmpty() || options.only.contains(kind.lowerCase())) {
        TlsBench bench = new TlsBench(kind, files, generator, options);
        bench.run(Peers.tls(tools));
        all.addAll(List.of(bench.cpu, bench.elapsed));
      }
    }
    return all;
  }

  private void run(List<Peer> peers) throws Exception {
    Map<Peer, List<String>> servers = new LinkedHashMap<>();
    for (Peer peer : peers) {
      if (options.wants(peer)) {
        List<String> command = new ArrayList<>(peer.program().command(kind.lowerCase()));
        command.addAll(List.of(files.certificate(), files.key()));
        servers.put(peer, command);
      }
    }
    for (int i = 0; i < options.repeats; i++) {
      for (Map.Entry<Peer, List<String>> each : servers.entrySet()) {
        String said = measure(each.getKey(), each.getValue()) ? figures(each.getKey()) : "failed";
        System.err.printf(
            "%d/%d %s %s: %s%n",
            i + 1, options.repeats, kind.lowerCase(), each.getKey().name(), said);
      }
    }
  }

  private String figures(Peer peer) {
    double seconds = elapsed.of(peer).getLast().value() / (kind.isOfHandshakes() ? 1e6 : 1e3);
    return Table.number(cpu.of(peer).getLast().value())
        + " "
        + cpu.unit
        + ", "
        + Table.number(1 / seconds)
        + (kind.isOfHandshakes() ? " a second" : " GiB/s");
  }

  /** One run; false if it failed, which the server or the generator has said why. */
  private boolean measure(Peer peer, List<String> command) throws Exception {
    Process server = Toolbox.pinned(0, command).start();
    try (BufferedReader out = server.inputReader()) {
      String line = out.readLine();
      if (line == null || !line.startsWith("listening ")) {
        return false;
      }
      String port = line.substring("listening ".length());
      ServerLoad load =
          ServerLoad.put(server, ServerLoad::cpuSecondsWithoutCompilers, generatorFor(port));
      return load != null && isOfThisKind(load) && note(peer, load);
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private List<String> generatorFor(String port) {
    int part = options.quick ? 10 : 1;
    return List.of(
        generator,
        kind.lowerCase(),
        "127.0.0.1",
        port,
        Integer.toString(kind.isOfHandshakes() ? CONNECTIONS : CONNECTIONS / 4),
        Integer.toString(kind.warmup / part),
        Integer.toString(kind.count / part));
  }

  private boolean isOfThisKind(ServerLoad load) {
    double resumed = load.value("resumed") / (double) load.value("done");
    boolean is =
        switch (kind) {
          case FULL -> resumed == 0;
          case RESUMED -> resumed >= LEAST_RESUMED;
          case RECEIVE, SEND -> true;
        };
    if (!is) {
      System.err.println("of the sessions, this part was resumed: " + resumed);
    }
    return is;
  }

  private boolean note(Peer peer, ServerLoad load) {
    boolean handshakes = kind.isOfHandshakes();
    double amount = handshakes ? load.value("done") : load.value("bytes") / GIB;
    double unit = handshakes ? 1e6 : 1e3;
    cpu.add(peer, new Figure(load.cpuSeconds() * unit / amount, 0, 0));
    elapsed.add(peer, new Figure(load.value("nanos") / 1e9 * unit / amount, 0, 0));
    return true;
  }
}
