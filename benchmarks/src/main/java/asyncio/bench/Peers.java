package asyncio.bench;

import asyncio.bench.Peer.NotHere;
import asyncio.bench.Peer.Program;
import asyncio.bench.Peer.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Everybody who takes part, for the benchmarks of servers and for the micro benchmarks. */
final class Peers {
  private static final String OF_PEERS = "asyncio.bench.peers.";

  private Peers() {}

  /** The servers; a program's last argument is {@code echo} or {@code lines}. */
  static List<Peer> servers(Toolbox tools) {
    List<Peer> all = new ArrayList<>();
    all.add(new Peer("epoll", Role.LIMIT, mode -> List.of(tools.c("epoll"), mode)));
    all.add(new Peer("nio", Role.LIMIT, ours(tools, "nio")));
    all.add(new Peer("protocol", Role.OURS, ours(tools, "protocol")));
    all.add(new Peer("buffered", Role.OURS, echoOnly(ours(tools, "buffered"))));
    for (String style : List.of("streams", "sockets", "blocking")) {
      all.add(new Peer(style, Role.OURS, ours(tools, style)));
    }
    for (String style : List.of("protocol", "streams")) {
      all.add(new Peer(style + "-on-epoll", Role.OURS, oursOnEpoll(tools, style)));
    }
    all.add(new Peer("netty-nio", Role.OTHER, ours(tools, "netty-nio")));
    all.add(new Peer("netty-epoll", Role.OTHER, ours(tools, "netty-epoll")));
    all.add(other("netty-io_uring", mode -> server(tools, "NettyUringServer", mode)));
    all.add(other("vertx", mode -> server(tools, "VertxServer", mode)));
    all.add(other("kotlin", mode -> server(tools, "KtorServer", mode)));
    all.add(new Peer("vthreads", Role.OTHER, ours(tools, "vthreads")));
    all.add(other("go", mode -> List.of(tools.go("server"), mode)));
    all.add(other("node", mode -> with(tools.node("server.js"), mode)));
    for (String library : List.of("asyncio", "uvloop")) {
      for (String style : List.of("protocol", "streams")) {
        all.add(
            other(
                library + "-" + style,
                mode ->
                    List.of(
                        tools.python(library),
                        tools.source("python/server.py"),
                        library,
                        style,
                        mode)));
      }
    }
    all.add(
        other(
            "trio",
            mode -> List.of(tools.python("trio"), tools.source("python/server_trio.py"), mode)));
    return all;
  }

  /** Servers that use more than one core, beside the same ones with one. */
  static List<Peer> loops(Toolbox tools) {
    return List.of(
        new Peer("loops-1", Role.OURS, ours(tools, "loops-1")),
        new Peer("loops-2", Role.OURS, ours(tools, "loops-2")),
        new Peer("netty-epoll", Role.OTHER, ours(tools, "netty-epoll")),
        new Peer("netty-epoll-2", Role.OTHER, ours(tools, "netty-epoll-2")));
  }

  /** Servers with TLS; two arguments come behind a program's last, the files of its certificate. */
  static List<Peer> tls(Toolbox tools) {
    return List.of(
        new Peer("protocol", Role.OURS, kind -> tls(tools, "protocol", kind)),
        new Peer("streams", Role.OURS, kind -> tls(tools, "streams", kind)),
        new Peer("netty-nio", Role.OTHER, kind -> tls(tools, "netty-nio", kind)),
        new Peer("netty-epoll", Role.OTHER, kind -> tls(tools, "netty-epoll", kind)));
  }

  /** The programs of the micro benchmarks; a program's last argument divides the sizes. */
  static List<Peer> micro(Toolbox tools) {
    List<String> noOptions = List.of();
    return List.of(
        new Peer("ours", Role.OURS, scale -> micro(tools, noOptions, "direct", scale)),
        new Peer("ours-portable", Role.OURS, scale -> micro(tools, noOptions, "portable", scale)),
        new Peer(
            "ours-untracked",
            Role.OURS,
            scale -> micro(tools, List.of("-Djdk.trackAllThreads=false"), "direct", scale)),
        other("netty", scale -> with(tools.java(OF_PEERS + "NettyMicro", noOptions), scale)),
        other("kotlin", scale -> with(tools.java(OF_PEERS + "KotlinMicro", noOptions), scale)),
        other(
            "vthreads",
            scale ->
                with(
                    tools.java(
                        OF_PEERS + "VirtualThreadsMicro",
                        List.of(
                            "-Djdk.virtualThreadScheduler.parallelism=1",
                            "-Djdk.virtualThreadScheduler.maxPoolSize=1")),
                    scale)),
        other("go", scale -> List.of(tools.go("micro"), scale)),
        other("node", scale -> with(tools.node("micro.js"), scale)),
        other("asyncio", scale -> python(tools, "asyncio", scale)),
        other("uvloop", scale -> python(tools, "uvloop", scale)),
        other(
            "trio",
            scale -> List.of(tools.python("trio"), tools.source("python/micro_trio.py"), scale)));
  }

  private static Peer other(String name, Program program) {
    return new Peer(name, Role.OTHER, program);
  }

  /** A server that {@link EchoServer} knows. */
  private static Program ours(Toolbox tools, String name) {
    return mode -> with(server(tools, EchoServer.class.getName()), name, mode);
  }

  private static Program echoOnly(Program program) {
    return mode -> {
      if (!mode.equals("echo")) {
        throw new NotHere("it is for echo and bulk");
      }
      return program.command(mode);
    };
  }

  /** As {@link #ours}, on the loop that waits with epoll. */
  private static Program oursOnEpoll(Toolbox tools, String name) {
    List<String> options = List.of("-Xms256m", "-XX:+UseSerialGC", "-Dasyncio.loop=epoll");
    return mode -> with(tools.java(EchoServer.class.getName(), options), name, mode);
  }

  private static List<String> server(Toolbox tools, String type, String mode) throws NotHere {
    return with(server(tools, OF_PEERS + type), mode);
  }

  private static List<String> server(Toolbox tools, String type) throws NotHere {
    return tools.java(type, List.of("-Xms256m", "-XX:+UseSerialGC"));
  }

  private static List<String> tls(Toolbox tools, String name, String kind) throws NotHere {
    List<String> options =
        List.of("-Xms256m", "-XX:+UseSerialGC", "-XX:-UseDynamicNumberOfCompilerThreads");
    return with(tools.java(TlsServer.class.getName(), options), name, kind);
  }

  private static List<String> micro(
      Toolbox tools, List<String> options, String engine, String scale) throws NotHere {
    return with(
        tools.java(Micro.class.getName(), options),
        "--engine",
        engine,
        "--runs",
        "3",
        "--scale",
        scale);
  }

  private static List<String> python(Toolbox tools, String library, String scale) throws NotHere {
    return List.of(tools.python(library), tools.source("python/micro.py"), library, scale);
  }

  private static List<String> with(List<String> command, String... arguments) {
    List<String> all = new ArrayList<>(command);
    all.addAll(Arrays.asList(arguments));
    return all;
  }
}
