package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.startServer;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.LoopGroup;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.net.ClientHandler;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.SharedPort.Spread;
import asyncio.net.Streams;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A port on which several loops serve. */
class SharedPortTest {
  private static final String HERE = "127.0.0.1";

  private final Queue<EventLoop> loops = new ConcurrentLinkedQueue<>();

  private RunOptions on(Engine engine) {
    return RunOptions.DEFAULT.withLoopFactory(() -> {
      var loop = LoopKind.preferred().newLoop(engine);
      loops.add(loop);
      return loop;
    });
  }

  private void run(Engine engine, Action main) {
    try {
      Asyncio.run(main, on(engine));
    } finally {
      assertThat(loops).isNotEmpty().allMatch(EventLoop::isClosed);
    }
  }

  private static SharedPort share(Spread spread) throws IOException {
    if (spread == Spread.KERNEL) {
      assumeTrue(System.getProperty("os.name").startsWith("Linux"), "the kernel may not spread");
    }
    return getRunningLoop().sharePort(HERE, 0, spread, ServerOptions.DEFAULT);
  }

  /** A handler that says who it belongs to, and lets the client end the connection. */
  private static ClientHandler sayer(Object name) {
    return (in, out) -> {
      try (out) {
        out.writeUtf8(name + "\n");
        in.readAll();
      }
    };
  }

  private static String ask(int port) throws IOException {
    try (Streams streams = openConnection(HERE, port)) {
      return streams.reader().readUtf8Line();
    }
  }

  /** How many of so many connections each server got. */
  private static Map<String, Integer> ask(int port, int times) throws IOException {
    Map<String, Integer> answers = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      answers.merge(ask(port), 1, Integer::sum);
    }
    return answers;
  }

  /** Runs a group whose members serve, and {@code clients} when all do; then cancels the group. */
  private void serve(Engine engine, SharedPort port, int size, Action clients) throws Exception {
    EventLoop callers = getRunningLoop();
    Future<Void> allServe = callers.createFuture();
    List<Integer> serving = new ArrayList<>();
    Task<?> group =
        createTask(() ->
            new LoopGroup(size, on(engine))
                .run(index -> {
                  Server server = startServer(sayer(index), port);
                  callers.callSoonThreadsafe(() -> {
                    serving.add(index);
                    if (serving.size() == size) {
                      allServe.setResult(null);
                    }
                  });
                  server.serveForever();
                }));
    await(allServe);
    clients.run();
    group.cancel();
    assertThatThrownBy(() -> await(group)).isInstanceOf(CancelledError.class);
  }

  @EachEngine
  void inTurnEachLoopGetsAsManyConnections(Engine engine) {
    run(
        engine,
        () -> {
          SharedPort port = share(Spread.ROUND_ROBIN);
          serve(
              engine,
              port,
              3,
              () -> assertThat(ask(port.port(), 9)).isEqualTo(Map.of("0", 3, "1", 3, "2", 3)));
          port.close();
        });
  }

  @EachEngine
  void theKernelSpreadsConnectionsOverSocketsOfTheLoops(Engine engine) {
    run(
        engine,
        () -> {
          SharedPort port = share(Spread.KERNEL);
          serve(
              engine,
              port,
              3,
              () -> {
                Map<String, Integer> answers = ask(port.port(), 60);
                assertThat(answers.values().stream().mapToInt(each -> each).sum()).isEqualTo(60);
                // A hash of random ports: two thirds to the power of 60 is the chance to fail.
                assertThat(answers).hasSizeGreaterThan(1);
              });
          port.close();
        });
  }

  @ParameterizedTest
  @CsvSource({"DIRECT, KERNEL", "DIRECT, ROUND_ROBIN", "PORTABLE, KERNEL", "PORTABLE, ROUND_ROBIN"})
  void connectionsThatComeEarlyWaitForAServer(Engine engine, Spread spread) {
    run(
        engine,
        () -> {
          try (SharedPort port = share(spread)) {
            Task<String> early = createTask(() -> ask(port.port()));
            for (int i = 0; i < 5; i++) {
              Loops.sleepOneIteration();
            }
            assertThat(early.isDone()).isFalse();
            try (var _ = startServer(sayer("late"), port).scope()) {
              assertThat(await(early)).isEqualTo("late");
            }
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"DIRECT, KERNEL", "DIRECT, ROUND_ROBIN", "PORTABLE, KERNEL", "PORTABLE, ROUND_ROBIN"})
  void afterTheLastServerNobodyListensUntilThereIsAnother(Engine engine, Spread spread) {
    run(
        engine,
        () -> {
          SharedPort port = share(spread);
          Server first = startServer(sayer("first"), port);
          Server second = startServer(sayer("second"), port);
          assertThat(first.sockets()).hasSize(1);
          assertThat(first.sockets().getFirst().getsockname())
              .isEqualTo(second.sockets().getFirst().getsockname())
              .isEqualTo(port.addresses().getFirst());
          first.close();
          assertThat(ask(port.port(), 4)).isEqualTo(Map.of("second", 4));
          second.close();
          Loops.sleepOneIteration();
          assertThatThrownBy(() -> ask(port.port())).isInstanceOf(ConnectException.class);
          Server third = startServer(sayer("third"), port);
          assertThat(ask(port.port(), 2)).isEqualTo(Map.of("third", 2));
          third.close();
          port.close();
          assertThatThrownBy(() -> ask(port.port())).isInstanceOf(ConnectException.class);
          assertRefused("is closed; share the port anew", () -> startServer(sayer("none"), port));
        });
  }

  @EachEngine
  void aPortThatIsTakenIsAnErrorAtOnce(Engine engine) {
    run(
        engine,
        () -> {
          try (var other = ServerSocketChannel.open()) {
            other.bind(new java.net.InetSocketAddress(HERE, 0));
            int taken = ((java.net.InetSocketAddress) other.getLocalAddress()).getPort();
            for (Spread spread : Spread.values()) {
              assertThatThrownBy(
                      () -> getRunningLoop().sharePort(HERE, taken, spread, ServerOptions.DEFAULT))
                  .isInstanceOf(BindException.class)
                  .hasMessageContaining(HERE + ":" + taken);
            }
          }
        });
  }

  @EachEngine
  void aMemberThatCannotServeEndsTheGroup(Engine engine) {
    run(
        engine,
        () -> {
          SharedPort port = share(Spread.ROUND_ROBIN);
          assertThatThrownBy(() ->
                  new LoopGroup(2, on(engine))
                      .run(index -> {
                        if (index == 1) {
                          throw new BindException("cannot serve");
                        }
                        startServer(sayer(index), port).serveForever();
                      }))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  e ->
                      assertThat(e.exceptions()).singleElement().isInstanceOf(BindException.class));
          port.close();
          assertThatThrownBy(() -> ask(port.port())).isInstanceOf(ConnectException.class);
        });
  }

  @ParameterizedTest
  @CsvSource({"DIRECT, KERNEL", "DIRECT, ROUND_ROBIN", "PORTABLE, KERNEL", "PORTABLE, ROUND_ROBIN"})
  void aLoopThatIsClosedClosesThePortsItHasOpened(Engine engine, Spread spread) throws Exception {
    SharedPort[] port = new SharedPort[1];
    Asyncio.run(() -> port[0] = share(spread), on(engine));
    assertThat(port[0].isClosed()).isTrue();
    try (var again = ServerSocketChannel.open()) {
      again.bind(port[0].addresses().getFirst());
    }
  }

  @EachEngine
  void tlsIsSpokenByTheLoopThatServes(Engine engine) {
    run(
        engine,
        () -> {
          SharedPort port = getRunningLoop().sharePort(HERE, 0, Spread.ROUND_ROBIN, Tls.serving());
          serve(
              engine,
              port,
              2,
              () -> {
                for (int i = 0; i < 2; i++) {
                  try (Streams streams =
                      openConnection(
                          HERE, port.port(), Tls.connecting().withServerHostname(Tls.NAME))) {
                    assertThat(streams.reader().readUtf8Line()).isBetween("0", "1");
                  }
                }
              });
        });
  }

  // ---- in virtual time, all on one loop

  @LoopTest
  void theKernelSpreadsIfItIsLinux(EventLoop loop) throws IOException {
    boolean linux = System.getProperty("os.name").startsWith("Linux");
    try (SharedPort port = loop.sharePort(null, 80)) {
      assertThat(port.spread()).isEqualTo(linux ? Spread.KERNEL : Spread.ROUND_ROBIN);
      assertThat(port.port()).isEqualTo(80);
      assertThat(port.options().reusePort()).isEqualTo(linux);
      assertThat(port).hasToString("<SharedPort " + port.spread() + " " + port.addresses() + ">");
    }
  }

  private static SharedPort inTurn(EventLoop loop) throws IOException {
    return loop.sharePort(HERE, 0, Spread.ROUND_ROBIN, ServerOptions.DEFAULT);
  }

  @LoopTest
  void whenAServerClosesNoConnectionIsLost(EventLoop loop) throws IOException {
    for (int iterations = 0; iterations < 12; iterations++) {
      SharedPort port = inTurn(loop);
      Server first = startServer(sayer("first"), port);
      Server second = startServer(sayer("second"), port);
      Task<String> one = createTask(() -> ask(port.port()));
      Task<String> other = createTask(() -> ask(port.port()));
      for (int i = 0; i < iterations; i++) {
        Loops.sleepOneIteration();
      }
      first.close();
      assertThat(List.of(await(one), await(other)))
          .as("after %s iterations", iterations)
          .isSubsetOf("first", "second")
          .contains("second");
      first.waitClosed();
      second.close();
      second.waitClosed();
      port.close();
    }
  }

  @LoopTest
  void whenAllServersCloseEveryConnectionEnds(EventLoop loop, LoopProbe probe) throws IOException {
    for (int iterations = 0; iterations < 12; iterations++) {
      SharedPort port = inTurn(loop);
      Server server = startServer(sayer("it"), port);
      Task<String> answer = createTask(() -> ask(port.port()));
      for (int i = 0; i < iterations; i++) {
        Loops.sleepOneIteration();
      }
      server.close();
      probe.runUntilAllBlocked();
      assertThat(answer.isDone()).as("after %s iterations", iterations).isTrue();
      if (answer.exception() != null) {
        assertThat(answer.exception()).isInstanceOf(IOException.class);
      }
      server.waitClosed();
      port.close();
    }
  }

  @LoopTest
  void aServerThatHasNotBegunToServeGetsNoConnections(EventLoop loop) throws IOException {
    try (SharedPort port =
        loop.sharePort(
            HERE, 0, Spread.ROUND_ROBIN, ServerOptions.DEFAULT.withStartServing(false))) {
      Server first = startServer(sayer("first"), port);
      Server second = startServer(sayer("second"), port);
      second.startServing();
      assertThat(ask(port.port(), 3)).isEqualTo(Map.of("second", 3));
      first.startServing();
      assertThat(ask(port.port(), 4)).isEqualTo(Map.of("first", 2, "second", 2));
      first.close();
      first.waitClosed();
      second.close();
      second.waitClosed();
    }
  }

  @LoopTest
  void closingThePortLeavesConnectionsAlone(EventLoop loop) throws IOException {
    SharedPort port = inTurn(loop);
    Server server = startServer(sayer("it"), port);
    try (Streams client = openConnection(HERE, port.port())) {
      assertThat(client.reader().readUtf8Line()).isEqualTo("it");
      port.close();
      port.close();
      assertThatThrownBy(() -> ask(port.port())).isInstanceOf(ConnectException.class);
      assertThat(client.reader().atEof()).isFalse();
    }
    server.close();
    server.waitClosed();
  }

  @LoopTest
  void argumentsThatMakeNoSenseAreRefused(EventLoop loop) throws IOException {
    try (var channel = ServerSocketChannel.open()) {
      assertThatThrownBy(
              () -> loop.sharePort(HERE, 0, null, ServerOptions.DEFAULT.withSocket(channel)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("socket: a shared port opens sockets of its own");
    }
    assertThatThrownBy(() -> startServer(sayer("none"), new Foreign()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was not opened by a loop's sharePort");
  }

  /** A port of somebody else's. */
  private static final class Foreign implements SharedPort {
    @Override
    public Spread spread() {
      return Spread.KERNEL;
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT;
    }

    @Override
    public List<SocketAddress> addresses() {
      return List.of();
    }

    @Override
    public boolean isClosed() {
      return false;
    }

    @Override
    public void close() {}
  }
}
