package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Signal;
import asyncio.Task;
import asyncio.net.ClientHandler;
import asyncio.net.GracefulShutdown;
import asyncio.net.Server;
import asyncio.net.ShutdownOptions;
import asyncio.net.ShutdownReport;
import asyncio.net.ShutdownReport.Phase;
import asyncio.net.Streams;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The end of a service in phases, in virtual time. */
@LoopTest
class GracefulShutdownTest {
  /** 10 s to drain, 5 s of grace, 5 s after cancelling, 1 s after aborting. */
  private static final ShutdownOptions OPTIONS = ShutdownOptions.DEFAULT.withSignals();

  private final List<String> trail = new ArrayList<>();

  /** A service with one client, whose connection is made and whose handler has begun. */
  private record Service(
      GracefulShutdown shutdown, Task<ShutdownReport> report, Streams client, int port) {}

  private static Service serve(LoopProbe probe, ClientHandler handler) throws IOException {
    return serve(probe, new GracefulShutdown(OPTIONS), handler);
  }

  private static Service serve(LoopProbe probe, GracefulShutdown shutdown, ClientHandler handler)
      throws IOException {
    Server server = startServer(handler, "127.0.0.1", 0);
    int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
    Task<ShutdownReport> report = createTask(() -> shutdown.serve(server));
    Streams client = openConnection("127.0.0.1", port);
    probe.runUntilAllBlocked();
    return new Service(shutdown, report, client, port);
  }

  private ShutdownReport end(Service service) {
    ShutdownReport report = await(service.report());
    service.client().writer().close();
    return report;
  }

  @LoopTest
  void aServiceWithoutWorkEndsAtOnce(LoopProbe probe, EventLoop loop) throws IOException {
    Service service =
        serve(
            probe,
            (in, out) -> {
              in.readAll();
              out.close();
            });
    service.client().close();
    probe.runUntilAllBlocked();
    long begun = loop.time();
    service.shutdown().request("the test");
    ShutdownReport report = end(service);

    assertThat(report)
        .isEqualTo(
            new ShutdownReport(
                "the test", Phase.STOP_ACCEPTING, Duration.ZERO, List.of(), List.of()));
    assertThat(report.isClean()).isTrue();
    assertThat(loop.time()).isEqualTo(begun);
  }

  @LoopTest
  void aRunningRequestIsFinished(LoopProbe probe) throws IOException {
    Service service =
        serve(
            probe,
            (in, out) -> {
              sleep(seconds(3));
              out.writeUtf8("done\n");
              out.close();
            });
    service.shutdown().request("the test");
    probe.runUntilAllBlocked();
    assertThatThrownBy(() -> openConnection("127.0.0.1", service.port()))
        .isInstanceOf(ConnectException.class);

    assertThat(service.client().reader().readUtf8Line()).isEqualTo("done");
    service.client().writer().close();
    ShutdownReport report = end(service);
    assertThat(report.last()).isEqualTo(Phase.DRAIN);
    assertThat(report.took()).isEqualTo(seconds(3));
    assertThat(report.isClean()).isTrue();
  }

  @LoopTest
  void anIdleConnectionIsClosedInGoodOrderWhenTheDrainIsOver(LoopProbe probe) throws IOException {
    Service service =
        serve(
            probe,
            (in, out) -> {
              trail.add("hears " + in.readUtf8Line());
              out.close();
            });
    service.shutdown().request("the test");
    ShutdownReport report = end(service);

    assertThat(trail).containsExactly("hears null");
    assertThat(report.last()).isEqualTo(Phase.GRACE);
    assertThat(report.took()).isEqualTo(seconds(10));
    assertThat(report.isClean()).isTrue();
  }

  @LoopTest
  void workThatDoesNotEndIsCancelledAndReported(LoopProbe probe) throws IOException {
    Service service =
        serve(
            probe,
            (in, out) -> {
              try {
                sleep(Duration.ofDays(1));
              } catch (CancelledError e) {
                trail.add("cancelled");
                throw e;
              }
            });
    service.shutdown().request("the test");
    ShutdownReport report = end(service);

    assertThat(trail).containsExactly("cancelled");
    assertThat(report.last()).isEqualTo(Phase.CANCEL);
    assertThat(report.took()).isEqualTo(seconds(15));
    assertThat(report.left()).isEmpty();
    assertThat(report.cancelled())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.createdAt()).startsWith("connection from /127.0.0.1:");
          assertThat(entry.waitsAt()).contains("GracefulShutdownTest");
        });
    assertThat(report.toString()).contains("cancelled " + report.cancelled().getFirst().name());
  }

  @LoopTest
  void workThatSwallowsItsCancellationIsLeftAndReported(LoopProbe probe) throws IOException {
    List<Task<?>> stubborn = new ArrayList<>();
    Service service =
        serve(
            probe,
            (in, out) -> {
              stubborn.add(createTask(() -> sleepThroughCancellations(3)));
              out.close();
            });
    service.shutdown().request("the test");
    ShutdownReport report = end(service);

    assertThat(trail).containsExactly("swallowed", "swallowed");
    assertThat(report.last()).isEqualTo(Phase.ABORT);
    assertThat(report.took()).isEqualTo(seconds(10 + 5 + 5 + 1));
    assertThat(report.left())
        .singleElement()
        .satisfies(entry -> assertThat(entry.createdAt()).contains("GracefulShutdownTest"));
    stubborn.getFirst().cancel();
    assertThatThrownBy(() -> await(stubborn.getFirst())).isInstanceOf(CancelledError.class);
  }

  private void sleepThroughCancellations(int count) {
    for (int i = 1; ; i++) {
      try {
        sleep(Duration.ofDays(1));
      } catch (CancelledError e) {
        if (i == count) {
          throw e;
        }
        trail.add("swallowed");
      }
    }
  }

  @LoopTest
  void oneMoreRequestEndsThePhase(LoopProbe probe, EventLoop loop) throws IOException {
    Service service = serve(probe, (in, out) -> sleep(Duration.ofDays(1)));
    service.shutdown().request("first");
    sleep(seconds(1));
    service.shutdown().request("second"); // ends the drain
    sleep(seconds(1));
    service.shutdown().request("third"); // ends the grace
    ShutdownReport report = end(service);

    assertThat(report.reason()).isEqualTo("first");
    assertThat(report.last()).isEqualTo(Phase.CANCEL);
    assertThat(report.took()).isEqualTo(seconds(2));
  }

  @LoopTest
  void handlersCanLookAndWaitForTheRequest(LoopProbe probe) throws IOException {
    GracefulShutdown shutdown = new GracefulShutdown(OPTIONS);
    Service service =
        serve(
            probe,
            shutdown,
            (in, out) -> {
              trail.add("requested " + shutdown.isRequested());
              trail.add("reason " + await(asyncio.Asyncio.shield(shutdown.requested())));
              trail.add("requested " + shutdown.isRequested());
              out.close();
            });
    shutdown.request("the test");
    ShutdownReport report = end(service);

    assertThat(trail).containsExactly("requested false", "reason the test", "requested true");
    assertThat(report.took()).isZero();
    assertThat(report.isClean()).isTrue();
  }

  @LoopTest
  void cancellingTheCallerAbortsAtOnce(LoopProbe probe) throws IOException {
    Service service = serve(probe, (in, out) -> trail.add("hears " + in.readUtf8Line()));
    service.report().cancel();
    assertThatThrownBy(() -> await(service.report())).isInstanceOf(CancelledError.class);
    probe.runUntilAllBlocked();

    assertThat(trail).containsExactly("hears null");
    service.client().writer().close();
  }

  @LoopTest
  void tasksThatWereThereBeforeAreNoWork(LoopProbe probe) throws IOException {
    Task<?> background = createTask(() -> sleep(Duration.ofDays(1)));
    Service service = serve(probe, (in, out) -> out.close());
    service.shutdown().request("the test");
    assertThat(end(service).isClean()).isTrue();

    assertThat(background.isDone()).isFalse();
    background.cancel();
    assertThatThrownBy(() -> await(background)).isInstanceOf(CancelledError.class);
  }

  @LoopTest
  void aSignalBeginsIt(LoopProbe probe) throws IOException {
    GracefulShutdown shutdown =
        new GracefulShutdown(ShutdownOptions.DEFAULT.withSignals(Signal.WINCH));
    Service service = serve(probe, shutdown, (in, out) -> out.close());
    JdkSignals.raise(Signal.WINCH);

    assertThat(end(service).reason()).isEqualTo("SIGWINCH");
  }

  @LoopTest
  void itServesOnce(LoopProbe probe) throws IOException {
    Service service = serve(probe, (in, out) -> out.close());
    assertThatThrownBy(() -> service.shutdown().serve())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("make another");
    service.shutdown().request("the test");
    end(service);
  }

  @LoopTest
  void aNegativeTimeIsRefused() {
    assertThatThrownBy(() -> OPTIONS.withDrain(seconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("drain must not be negative: PT-1S");
  }
}
