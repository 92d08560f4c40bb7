package asyncio.conformance.heritage;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toCompletableFuture;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.wrapFuture;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Future;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** HER: factories and protocols, results in chains, and threads, as Twisted's users know them. */
class TwistedStyleTest {
  private final List<String> trail = new ArrayList<>();
  private final int zero = trail.size();

  /** Keeps what its protocols share. */
  private final class Factory {
    final List<Echo> made = new ArrayList<>();

    Echo build() {
      Echo echo = new Echo(this, "connection " + made.size());
      made.add(echo);
      return echo;
    }
  }

  private final class Echo implements Protocol {
    final Factory factory;
    final String name;
    Transport transport;

    Echo(Factory factory, String name) {
      this.factory = factory;
      this.name = name;
    }

    @Override
    public void connectionMade(Transport made) {
      trail.add(name + " made");
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      trail.add(name + " got " + UTF_8.decode(data.duplicate()));
      transport.write(data);
    }

    @Override
    public boolean eofReceived() {
      trail.add(name + " eof");
      return false;
    }

    @Override
    public void connectionLost(Throwable exception) {
      trail.add(name + " lost " + exception);
    }
  }

  /** Collects what comes, up to the end. */
  private static final class Client implements Protocol {
    final Future<String> answered = getRunningLoop().createFuture();
    final StringBuilder answer = new StringBuilder();
    int left;

    Client(int expected) {
      left = expected;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      left -= data.remaining();
      answer.append(UTF_8.decode(data));
      if (left == 0) {
        answered.setResult(answer.toString());
      }
    }
  }

  @EachEngine
  @Spec({"HER-35", "HER-36"})
  void aFactoryMakesAProtocolForEachConnectionAndEachHearsOfItsOwn(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Factory factory = new Factory();
              Server server = loop.createServer(factory::build, "127.0.0.1", 0);
              int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
              for (int i = 0; i < 2; i++) {
                var connection = loop.createConnection(() -> new Client(3), "127.0.0.1", port);
                connection.transport().write("abc".getBytes(UTF_8));
                assertThat(connection.protocol().answered.await()).isEqualTo("abc");
                connection.transport().close();
              }
              server.close();
              server.waitClosed();
              assertThat(factory.made).hasSize(2).doesNotHaveDuplicates();
              assertThat(factory.made)
                  .allSatisfy(echo -> assertThat(echo.factory).isSameAs(factory));
              for (Echo echo : factory.made) {
                assertThat(trail.stream().filter(event -> event.startsWith(echo.name)))
                    .containsExactly(
                        echo.name + " made",
                        echo.name + " got abc",
                        echo.name + " eof",
                        echo.name + " lost null");
              }
            }));
  }

  @EachEngine
  @Spec("HER-48")
  void resultsPassAlongAChainAndAnErrorHandlerSwitchesBack(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Future<Integer> first = loop.createFuture();
              Future<String> chained =
                  wrapFuture(
                      toCompletableFuture(first)
                          .thenApply(value -> value + 1)
                          .thenApply(value -> Integer.toString(value / zero))
                          .exceptionally(_ -> "recovered"));
              loop.callSoon(() -> first.setResult(1));
              assertThat(await(chained)).isEqualTo("recovered");
            }));
  }

  @EachEngine
  @Spec("HER-48")
  void inATaskAChainIsASequenceOfStatements(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> first = loop.createFuture();
          Future<String> chained =
              createTask(() -> {
                try {
                  int value = await(first);
                  trail.add("got " + value);
                  value = value + 1;
                  trail.add("got " + value);
                  return Integer.toString(value / zero);
                } catch (ArithmeticException e) {
                  return "recovered";
                }
              });
          loop.callSoon(() -> first.setResult(1));
          assertThat(await(chained)).isEqualTo("recovered");
          assertThat(trail).containsExactly("got 1", "got 2");
        });
  }

  @EachEngine
  @Spec("HER-49")
  void aFailureThatNobodyLooksAtIsReported(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          loop.createFuture().setException(new IllegalStateException("nobody looks"));
          while (loop.reports.isEmpty()) {
            System.gc();
            sleep(millis(1));
          }
          ErrorContext report = loop.reports.removeFirst();
          assertThat(report.message()).contains("never retrieved");
          assertThat(report.exception()).hasMessage("nobody looks");
        });
  }

  @EachEngine
  @Spec("HER-52")
  void thereIsOneWayInFromOtherThreadsAndOneOutToThem(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Future<Boolean> onLoop = loop.createFuture();
              Thread.ofPlatform()
                  .start(() -> loop.callSoonThreadsafe(() -> onLoop.setResult(loop.isCurrent())));
              assertThat(onLoop.await()).isTrue();

              Future<Boolean> elsewhere = loop.runInExecutor(null, loop::isCurrent);
              assertThat(elsewhere.await()).isFalse();
              assertThat(toThread(() -> loop.isCurrent())).isFalse();
            }));
  }
}
