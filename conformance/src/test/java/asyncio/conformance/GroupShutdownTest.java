package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopGroup;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.net.ClientHandler;
import asyncio.net.GracefulShutdown;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.ShutdownOptions;
import asyncio.net.ShutdownReport;
import asyncio.net.ShutdownReport.Phase;
import asyncio.net.Streams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The end of a service of several loops. */
class GroupShutdownTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Phases that end by requests only. */
  private static final ShutdownOptions OPTIONS =
      new ShutdownOptions(java.util.Set.of(), LONG, LONG, LONG, LONG);

  private static RunOptions on(Engine engine) {
    return RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine));
  }

  private static void run(Engine engine, Action main) {
    Asyncio.run(main, on(engine));
  }

  /** Two loops that serve, each with a client whose first line was answered. */
  private record Service(
      GracefulShutdown leader,
      Task<ShutdownReport> leading,
      Task<List<ShutdownReport>> group,
      List<Streams> clients) {}

  private static Service serve(Engine engine, ClientHandler handler) throws Exception {
    EventLoop loop = getRunningLoop();
    SharedPort port =
        loop.sharePort("127.0.0.1", 0, SharedPort.Spread.ROUND_ROBIN, ServerOptions.DEFAULT);
    GracefulShutdown leader = new GracefulShutdown(OPTIONS);
    Future<Void> bothServe = loop.createFuture();
    List<Integer> serving = new ArrayList<>();
    Task<List<ShutdownReport>> group =
        createTask(
            (Coroutine<List<ShutdownReport>>)
                () ->
                    new LoopGroup(2, on(engine))
                        .run(index -> {
                          Server server = startServer(handler, port);
                          loop.callSoonThreadsafe(() -> {
                            serving.add(index);
                            if (serving.size() == 2) {
                              bothServe.setResult(null);
                            }
                          });
                          return new GracefulShutdown(leader).serve(server);
                        }));
    Task<ShutdownReport> leading = createTask(() -> leader.serve());
    await(bothServe);
    List<Streams> clients = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Streams client = openConnection("127.0.0.1", port.port());
      client.writer().writeUtf8("hello\n");
      assertThat(client.reader().readUtf8Line()).isEqualTo("hello");
      clients.add(client);
    }
    return new Service(leader, leading, group, clients);
  }

  /** Sends back each line, until the client has no more. */
  private static final ClientHandler ECHO =
      (in, out) -> {
        try (out) {
          for (String line = in.readUtf8Line(); line != null; line = in.readUtf8Line()) {
            out.writeUtf8(line + "\n");
          }
        }
      };

  @EachEngine
  void aRequestReachesAllLoopsAndEachFinishesItsWork(Engine engine) {
    run(
        engine,
        () -> {
          Service service = serve(engine, ECHO);
          service.leader().request("the test");
          for (Streams client : service.clients()) {
            client.writer().writeUtf8("still here?\n");
            assertThat(client.reader().readUtf8Line()).isEqualTo("still here?");
          }
          assertThat(service.leading().isDone()).as("the followers drain").isFalse();
          service.clients().forEach(client -> client.close());

          for (ShutdownReport report : await(service.group())) {
            assertThat(report.reason()).isEqualTo("the test");
            assertThat(report.last()).isEqualTo(Phase.DRAIN);
            assertThat(report.isClean()).isTrue();
          }
          assertThat(await(service.leading()).isClean()).isTrue();
        });
  }

  @EachEngine
  void furtherRequestsEndThePhasesOfAllLoops(Engine engine) {
    ClientHandler stubborn =
        (in, out) -> {
          out.writeUtf8(in.readUtf8Line() + "\n");
          Asyncio.sleep(LONG);
        };
    run(
        engine,
        () -> {
          Service service = serve(engine, stubborn);
          service.leader().request("the test"); // drain
          service.leader().request("hurry"); // grace
          for (Streams client : service.clients()) {
            assertThat(client.reader().readUtf8Line()).as("closed in good order").isNull();
          }
          service.leader().request("now"); // cancel

          for (ShutdownReport report : await(service.group())) {
            assertThat(report.reason()).isEqualTo("the test");
            assertThat(report.last()).isEqualTo(Phase.CANCEL);
            assertThat(report.cancelled()).hasSize(1);
          }
          await(service.leading());
          service.clients().forEach(client -> client.close());
        });
  }

  @EachEngine
  void aLoopThatServesAfterTheRequestEndsAtOnce(Engine engine) {
    run(
        engine,
        () -> {
          GracefulShutdown leader = new GracefulShutdown(OPTIONS);
          leader.request("too early");
          assertThat(leader.serve().last()).isEqualTo(Phase.STOP_ACCEPTING);
          List<ShutdownReport> reports =
              new LoopGroup(2, on(engine))
                  .run(_ -> {
                    GracefulShutdown follower = new GracefulShutdown(leader);
                    assertThat(follower.isRequested()).isFalse();
                    return follower.serve(startServer(ECHO, "127.0.0.1", 0));
                  });
          assertThat(reports)
              .allSatisfy(report -> {
                assertThat(report.reason()).isEqualTo("too early");
                assertThat(report.last()).isEqualTo(Phase.STOP_ACCEPTING);
              });
        });
  }

  @EachEngine
  void aGroupThatIsCancelledNoLongerKeepsTheLeader(Engine engine) {
    run(
        engine,
        () -> {
          Service service = serve(engine, ECHO);
          service.group().cancel();
          assertThatThrownBy(() -> await(service.group())).isInstanceOf(CancelledError.class);
          service.leader().request("the test");
          assertThat(await(service.leading()).last()).isEqualTo(Phase.STOP_ACCEPTING);
          service.clients().forEach(client -> client.close());
        });
  }
}
