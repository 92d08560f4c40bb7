package asyncio.conformance.heritage;

import static asyncio.conformance.heritage.ExamplePrograms.codeLines;
import static asyncio.conformance.heritage.ExamplePrograms.run;
import static asyncio.conformance.heritage.ExamplePrograms.runStatements;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HER: dispatchers in the manner of asyncore, made of readers and writers; see the examples. */
class DispatcherTest {

  /** A pipe of two connected sockets, a and b, for the statements. */
  private static final String PAIR =
      """
      var listening = ServerSocketChannel.open()
          .bind(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0));
      var a = SocketChannel.open(listening.getLocalAddress());
      var b = listening.accept();
      listening.close();
      class Quiet extends Dispatcher {
        final String name;
        Quiet(String name) { this.name = name; }
        void handleRead() throws java.io.IOException {
          ByteBuffer data = ByteBuffer.allocate(10);
          int count = socket().read(data);
          print(name + " reads " + count);
          if (count < 0) handleClose();
        }
        void handleClose() {
          print(name + " closes");
          super.handleClose();
        }
      }
      """;

  private static List<String> runWithPair(Engine engine, String statements) {
    return runStatements(engine, PAIR + statements);
  }

  @Test
  @Spec("HER-10")
  void theClassHasSixtyLines() {
    assertThat(codeLines("Dispatcher")).hasSizeLessThanOrEqualTo(60);
  }

  @EachEngine
  @Spec({"HER-10", "HER-12"})
  void theEchoServerEndsWithItsLastChannel(Engine engine) {
    assertThat(run(engine, "DispatcherEcho"))
        .containsExactly("hello", "the client has closed its end", "no channel is left");
  }

  @EachEngine
  @Spec("HER-11")
  void anIdleChannelCostsNoTurns(Engine engine) {
    List<String> lines =
        runWithPair(
            engine,
            """
            class Writing extends Quiet {
              boolean full = true;
              Writing(String name) { super(name); }
              boolean writable() { return full; }
              void handleWrite() {
                print("has room");
                full = false;
              }
            }
            new Writing("a").open(a);
            new Quiet("b").open(b);
            int[] turns = {0};
            Dispatcher.LOOP.callLater(millis(20), () ->
                Dispatcher.LOOP.addInstrument(new Instrument() {
                  public void iterationBegun(EventLoop loop) { turns[0]++; }
                }));
            Dispatcher.LOOP.callLater(millis(120), () -> {
              print(turns[0]);
              try { a.shutdownOutput(); } catch (Exception e) { print(e); }
            });
            Dispatcher.loop();
            """);
    assertThat(lines).startsWith("has room");
    assertThat(Integer.parseInt(lines.get(1))).isBetween(1, 2);
    assertThat(lines.subList(2, lines.size()))
        .containsExactly("b reads -1", "b closes", "a reads -1", "a closes");
  }

  @EachEngine
  @Spec("HER-11")
  void aChannelThatDoesNotWantToReadIsNotRead(Engine engine) {
    assertThat(
            runWithPair(
                engine,
                """
                class Choosy extends Quiet {
                  boolean wants;
                  Choosy(String name) { super(name); }
                  boolean readable() { return wants; }
                  boolean writable() { return !wants; }
                  void handleWrite() {
                    print("does not read");
                    wants = true;
                  }
                }
                b.write(ByteBuffer.wrap("x".getBytes()));
                b.close();
                new Choosy("a").open(a);
                Dispatcher.loop();
                """))
        .containsExactly("does not read", "a reads 1", "a reads -1", "a closes");
  }

  @EachEngine
  @Spec("HER-12")
  void withoutAnyChannelTheRunReturnsAtOnce(Engine engine) {
    assertThat(runStatements(engine, "Dispatcher.loop(); print(\"returned\");"))
        .containsExactly("returned");
  }

  @EachEngine
  @Spec("HER-13")
  void anExceptionInAHandlerClosesThatChannelOnly(Engine engine) {
    assertThat(
            runWithPair(
                engine,
                """
                class Failing extends Quiet {
                  Failing(String name) { super(name); }
                  void handleRead() throws java.io.IOException {
                    socket().read(ByteBuffer.allocate(10)); // closed unread, it may be a reset
                    throw new IllegalStateException("in handleRead");
                  }
                  void handleError(Exception error) {
                    print(name + " failed: " + error.getMessage());
                    handleClose();
                  }
                }
                b.write(ByteBuffer.wrap("x".getBytes()));
                new Failing("a").open(a);
                new Quiet("b").open(b);
                Dispatcher.loop();
                """))
        .containsExactly("a failed: in handleRead", "a closes", "b reads -1", "b closes");
  }

  @EachEngine
  @Spec("HER-13")
  void anExitPassesThroughTheHandlers(Engine engine) {
    assertThat(
            runWithPair(
                engine,
                """
                class Exiting extends Quiet {
                  Exiting(String name) { super(name); }
                  void handleRead() { throw new SystemExit(3); }
                  void handleError(Exception error) { print("not asked"); }
                }
                b.write(ByteBuffer.wrap("x".getBytes()));
                new Exiting("a").open(a);
                try {
                  Dispatcher.loop();
                } catch (SystemExit e) {
                  print(e.getMessage());
                }
                """))
        .containsExactly("exit status 3");
  }
}
