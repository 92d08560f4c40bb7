package asyncio.conformance.net;

import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.conformance.Spec;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What NIO makes easy to get wrong, on real sockets. */
@LoopTest(realTime = true)
class TransportTrapsTest extends SocketSubject {
  TransportTrapsTest() {
    super(Wire.TCP);
  }

  // ---- a closed channel keeps its descriptor until a poll

  @LoopTest
  @EnabledOnOs(OS.LINUX)
  @Spec("TR-17")
  void descriptorsOfClosedTransportsAreReallyClosed() throws Exception {
    List<String> before = SocketLeakTest.sockets();
    for (int i = 0; i < 20; i++) {
      Ends ends = connect();
      ends.near().transport().close();
      ends.far().transport().abort();
      ends.near().untilLost();
      ends.far().untilLost();
    }
    turns(2);
    assertThat(SocketLeakTest.sockets()).hasSameSizeAs(before);
  }

  @LoopTest
  @EnabledOnOs(OS.LINUX)
  @Spec("TR-17")
  void descriptorsAreClosedThoughTheLoopIsAlwaysBusyAndNothingIsRegisteredAnyMore(EventLoop loop)
      throws Exception {
    List<String> before = SocketLeakTest.sockets();
    Ends ends = connect();
    boolean[] stop = new boolean[1];
    Runnable[] busy = new Runnable[1];
    busy[0] =
        () -> {
          if (!stop[0]) {
            loop.callSoon(busy[0]);
          }
        };
    busy[0].run();
    ends.near().transport().abort();
    ends.far().transport().abort();
    ends.near().untilLost();
    ends.far().untilLost();
    turns(3);
    stop[0] = true;
    assertThat(SocketLeakTest.sockets()).hasSameSizeAs(before);
  }

  @LoopTest
  @Spec("TR-12")
  void abortIsAnOrdinaryCloseToThePeer() throws Exception {
    Wire.Channels channels = wire().open(loop());
    own(channels.far());
    Witness near = new Witness();
    own(serve(near, channels.near()));
    near.write("sent");
    near.transport().abort();
    near.untilLost();
    turns(2);
    ByteBuffer read = ByteBuffer.allocate(10);
    channels.far().configureBlocking(false);
    assertThat(channels.far().read(read)).isEqualTo(4);
    assertThat(channels.far().read(read)).isEqualTo(-1);
  }

  // ---- nothing makes the loop spin

  /** How many iterations the loop needs for doing nothing. */
  private static int idleIterations(EventLoop loop) {
    int[] iterations = new int[1];
    Instrument counter =
        new Instrument() {
          @Override
          public void iterationBegun(EventLoop of) {
            iterations[0]++;
          }
        };
    turns(3);
    loop.addInstrument(counter);
    Future<@Nullable Void> later = loop.createFuture();
    loop.callLater(Duration.ofMillis(30), () -> later.setResult(null));
    Asyncio.await(later);
    loop.removeInstrument(counter);
    return iterations[0];
  }

  private static void assertRests(EventLoop loop) {
    assertThat(idleIterations(loop)).as("iterations of an idle loop").isLessThan(6);
  }

  @LoopTest
  @Spec("PROTO-7")
  void halfOpenConnectionDoesNotSpin(EventLoop loop) throws Exception {
    Ends ends = connect();
    ends.near().keepOpen();
    ends.far().transport().writeEof();
    ends.near().untilTold("eof");
    assertRests(loop);
    ends.near().transport().pauseReading();
    ends.near().transport().resumeReading();
    assertRests(loop);
    assertThat(ends.near().trail).containsExactly("made", "eof");
  }

  @LoopTest
  @Spec("TR-38")
  void pausedConnectionWithDataOrAnEndDoesNotSpin(EventLoop loop) throws Exception {
    Ends ends = connect();
    ends.near().transport().pauseReading();
    ends.far().write("data");
    assertRests(loop);
    ends.far().transport().close();
    assertRests(loop);
    Ends broken = connect();
    broken.near().transport().pauseReading();
    farChannel.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
    broken.far().transport().abort();
    assertRests(loop);
    assertThat(broken.near().trail).containsExactly("made");
  }

  @LoopTest
  @Spec({"TR-11", "FLOW-13"})
  void fullConnectionDoesNotSpin(EventLoop loop) throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().transport().write(new byte[tooMuch()]);
    ends.near().untilStuck();
    assertRests(loop);
    ends.near().transport().close();
    assertRests(loop);
  }

  @LoopTest
  void idleConnectionsDoNotSpin(EventLoop loop) throws Exception {
    for (int i = 0; i < 10; i++) {
      Ends ends = connect();
      ends.near().write("x");
      ends.far().untilReceived(1);
    }
    assertRests(loop);
  }

  @LoopTest
  @Spec("PROTO-11")
  void connectionClosedBehindTheLoopDoesNotSpinAndLeavesNothing(EventLoop loop) throws Exception {
    Ends ends = connect();
    nearChannel.close();
    ends.near().untilLost();
    ends.far().untilLost();
    assertRests(loop);
  }

  // ---- one key for a channel's life, which is free for others afterwards

  @LoopTest
  @Spec({"TR-38", "TR-50", "PROACTOR-4"})
  void interestChangesWithinAnIterationKeepTheRegistration() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    for (int i = 0; i < 100; i++) {
      transport.pauseReading();
      transport.resumeReading();
      if (i % 10 == 0) {
        turns(1);
      }
    }
    ends.far().write("still there");
    ends.near().untilReceived(11);
    assertThat(ends.near().text()).isEqualTo("still there");
  }

  @LoopTest
  @Spec("TR-5")
  void descriptorThatIsUsedAgainSeesNothingOfTheLastOne() throws Exception {
    for (int i = 0; i < 50; i++) {
      Ends ends = connect();
      if (i % 2 == 0) {
        ends.near().transport().pauseReading();
        ends.far().write("never read");
      }
      SocketChannel channel = nearChannel;
      ends.near().transport().abort();
      ends.far().transport().abort();
      ends.near().untilLost();
      ends.far().untilLost();
      assertThat(channel.isOpen()).isFalse();
      assertThat(ends.near().trail).containsExactly("made", "lost");
    }
  }

  // ---- half-close

  @LoopTest
  @Spec("TR-31")
  void dataOfThePeerGoesOnComingAfterManyShutdowns() throws Exception {
    Ends ends = connect();
    ends.far().keepOpen();
    ends.near().transport().writeEof();
    ends.far().untilTold("eof");
    nearChannel.shutdownOutput();
    ends.far().transport().write(Payload.part(0, 1 << 20));
    ends.near().untilReceived(1 << 20);
    Payload.assertInOrder(ends.near().received(), 1 << 20);
  }

  /** A peer that closes with something unread resets the connection, after an end-of-file. */
  @LoopTest
  @Spec({"PROTO-8", "TR-15", "PROACTOR-10"})
  void peerThatClosesWithSomethingUnreadIsTheEndAnyWay() throws Exception {
    for (int i = 0; i < 20; i++) {
      Ends ends = connect();
      ends.far().transport().pauseReading();
      ends.near().write("unread");
      turns(i % 3);
      ends.far().transport().close();
      ends.near().untilLost();
      assertThat(ends.near().trail).contains("made").endsWith("lost").containsOnlyOnce("lost");
      if (ends.near().lostWith() != null) {
        assertThat(ends.near().lostWith()).isInstanceOf(IOException.class);
      }
    }
  }
}
