package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Peers that break off, end one direction, read slowly or send anything. */
@LoopTest(realTime = true)
class FaultTest extends SocketSubject {
  FaultTest() {
    super(Wire.TCP);
  }

  /** A transport whose peer is a bare channel that the test plays. */
  private record Bare(Witness near, SocketChannel far) {}

  private Bare bare() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = new Witness();
    own(serve(near, channels.near()));
    own(channels.far());
    channels.far().configureBlocking(false);
    return new Bare(near, channels.far());
  }

  private static void reset(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @LoopTest
  @Spec({"TR-36", "PROTO-8", "PROTO-11"})
  void peerThatResetsInTheMiddleOfAWriteEndsIt() throws Exception {
    for (int round = 0; round < 50; round++) {
      Bare bare = bare();
      Transport transport = bare.near().transport();
      if (round % 2 == 0) {
        transport.pauseReading();
      }
      transport.write(new byte[tooMuch()]);
      bare.far().read(ByteBuffer.allocate(10_000));
      reset(bare.far());
      bare.near().untilLost();
      assertThat(bare.near().trail).containsExactly("made", "pause", "lost");
      assertThat(bare.near().lostWith())
          .isInstanceOfAny(BrokenPipeException.class, ConnectionResetException.class)
          .hasMessageContaining("/127.0.0.1:");
      assertThat(transport.getWriteBufferSize()).isZero();
    }
  }

  /** What the peer sent before it broke off is delivered. */
  @LoopTest
  @Spec({"PROTO-9", "TR-40"})
  void dataBeforeAnEndOfFileArrivesThoughWritingFails() throws Exception {
    for (int round = 0; round < 50; round++) {
      Bare bare = bare();
      bare.near().on("data", () -> bare.near().write("answer"));
      bare.far().write(ByteBuffer.wrap(Witness.bytes("question")));
      bare.far().shutdownOutput();
      bare.near().untilTold("eof");
      assertThat(bare.near().text()).isEqualTo("question");
      bare.near().untilLost();
      assertThat(bare.near().trail).containsExactly("made", "data", "eof", "lost");
      ByteBuffer answer = ByteBuffer.allocate(10);
      Turns.until(() -> read(bare.far(), answer) < 0);
      assertThat(answer.position()).isEqualTo(6);
    }
  }

  private static int read(SocketChannel channel, ByteBuffer target) {
    try {
      return channel.read(target);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @LoopTest
  @Spec({"PROTO-6", "TR-8"})
  void halfClosedPeerGetsEverythingThatWasWritten() throws Exception {
    Bare bare = bare();
    bare.near().on("eof", () -> bare.near().transport().write(Payload.part(0, tooMuch())));
    bare.far().shutdownOutput();
    bare.near().untilTold("eof");
    assertThat(bare.near().transport().isClosing()).isTrue();
    ByteBuffer all = ByteBuffer.allocate(tooMuch() + 1);
    Turns.until(() -> read(bare.far(), all) < 0);
    assertThat(all.position()).isEqualTo(tooMuch());
    Payload.assertInOrder(java.util.Arrays.copyOf(all.array(), tooMuch()), tooMuch());
    bare.near().untilLost();
    assertThat(bare.near().lostWith()).isNull();
  }

  /** A writer that heeds the marks keeps no more than they say, however slow the reader. */
  @LoopTest
  @Spec({"FLOW-5", "FLOW-7", "TR-38"})
  void slowReaderCostsNoMoreThanTheMarks() throws Exception {
    Bare bare = bare();
    Transport transport = bare.near().transport();
    boolean[] mayWrite = {true};
    bare.near().on("pause", () -> mayWrite[0] = false);
    bare.near().on("resume", () -> mayWrite[0] = true);
    long written = 0;
    long most = 0;
    long read = 0;
    ByteBuffer sip = ByteBuffer.allocate(1000);
    List<byte[]> pieces = new ArrayList<>();
    while (written < 2_000_000) {
      while (mayWrite[0]) {
        transport.write(Payload.part(written, 5_000));
        written += 5_000;
        most = Math.max(most, transport.getWriteBufferSize());
      }
      read += Math.max(0, bare.far().read(sip));
      pieces.add(java.util.Arrays.copyOf(sip.array(), sip.position()));
      sip.clear();
      Turns.turn();
    }
    assertThat(most).isLessThanOrEqualTo(64 * 1024 + 5_000);
    ByteBuffer rest = ByteBuffer.allocate((int) (written - read));
    Turns.until(() -> {
      read(bare.far(), rest);
      return !rest.hasRemaining();
    });
    ByteBuffer all = ByteBuffer.allocate((int) written);
    pieces.forEach(all::put);
    Payload.assertInOrder(all.put(rest.flip()).array(), written);
  }

  @LoopTest
  @Spec({"PROTO-5", "TR-22"})
  void anythingThatIsSentArrivesAsItIs() throws Exception {
    Bare bare = bare();
    byte[] garbage = new byte[1 << 20];
    new Random(3).nextBytes(garbage);
    ByteBuffer rest = ByteBuffer.wrap(garbage);
    Turns.until(() -> {
      try {
        bare.far().write(rest);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return !rest.hasRemaining();
    });
    bare.near().untilReceived(garbage.length);
    assertThat(bare.near().received()).isEqualTo(garbage);
    assertThat(bare.near().largestPiece).isLessThanOrEqualTo(256 * 1024);
  }

  @LoopTest
  @Spec("FLOW-17")
  void veryManyWritesInOneStepArriveInOrder() throws Exception {
    int count = 1_000; // the statement says ten times that, which is a gigabyte to be kept
    Wire.Channels channels = Wire.UNIX.open(loop());
    Witness near = new Witness();
    own(serve(near, channels.near()));
    long[] received = new long[1];
    boolean[] wrong = new boolean[1];
    byte[] piece = Payload.part(0, 100 * 1024);
    own(
        serve(
            new asyncio.net.Protocol() {
              @Override
              public void dataReceived(ByteBuffer data) {
                while (data.hasRemaining()) {
                  int at = (int) (received[0] % piece.length);
                  int length = Math.min(data.remaining(), piece.length - at);
                  wrong[0] |=
                      java.util.Arrays.mismatch(
                              piece,
                              at,
                              at + length,
                              data.array(),
                              data.position(),
                              data.position() + length)
                          >= 0;
                  data.position(data.position() + length);
                  received[0] += length;
                }
              }
            },
            channels.far()));
    for (int i = 0; i < count; i++) {
      near.transport().write(piece);
      if (i == count / 2) {
        try {
          near.transport().write((byte[]) null);
        } catch (NullPointerException e) {
          // disturbs nothing
        }
      }
    }
    near.transport().close();
    near.untilLost();
    Turns.until(() -> received[0] == (long) count * piece.length);
    assertThat(wrong[0]).isFalse();
    assertThat(near.trail).containsExactly("made", "pause", "resume", "lost");
  }
}
