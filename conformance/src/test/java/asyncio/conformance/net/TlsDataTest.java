package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Spec;
import asyncio.net.BufferedProtocol;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What is written and read over TLS. */
class TlsDataTest extends TlsLab {
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  // ---- the bytes

  @LoopTest(timeout = 60)
  @Spec("TLS-17")
  void manyMegabytesArriveInOrderInBothDirections() throws Exception {
    int count = 24 << 20;
    Ends ends = connect();
    for (Witness each : List.of(ends.server(), ends.client())) {
      createTask(() -> {
        for (int sent = 0; sent < count; ) {
          int size = Math.min(count - sent, 1_000_003);
          each.transport().write(Payload.part(sent, size));
          sent += size;
          each.until(() -> each.transport().getWriteBufferSize() < 1 << 20);
          turn();
        }
      });
    }
    ends.server().untilReceived(count);
    ends.client().untilReceived(count);
    Payload.assertInOrder(ends.server().received(), count);
    Payload.assertInOrder(ends.client().received(), count);
  }

  @LoopTest
  @Spec("TLS-17")
  void recordsThatCameTogetherAreOnePiece() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    byte[] three = new byte[40_000];
    peer.sendPlain(three);
    near.untilReceived(three.length);
    assertThat(near.largestPiece).isEqualTo(three.length);
  }

  @LoopTest
  @Spec("TLS-17")
  void recordsOfAllSizesAreDelivered() throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      int total = 0;
      for (int size : new int[] {1, 0, 2, 15, 16, 17, 16_383, 16_384, 1}) {
        peer.sendPlain(Payload.part(total, size));
        total += size;
      }
      near.untilReceived(total);
      Payload.assertInOrder(near.received(), total);
      assertThat(near.trail).containsExactly("made", "data");
    }
  }

  @LoopTest
  @Spec("TLS-17")
  void recordsMayComeAByteAtATime() throws Exception {
    Witness near = new Witness();
    MemoryNetwork.Pair pair = pair();
    TlsPeer peer = plain(TlsPeer.client(null), pair.second());
    Wire.network(getRunningLoop()).everywhere().setMaxBytes(1);
    Task<Transport> accepting = createTask(() -> accept(near, pair.first(), Tls.serving()));
    peer.shakeHands();
    await(accepting);
    peer.sendPlain(Payload.part(0, 20_000));
    near.untilReceived(20_000);
    Payload.assertInOrder(near.received(), 20_000);
  }

  @LoopTest(timeout = 30)
  @Spec("TLS-17")
  void bytesAreKeptHoweverTheyAreCutUp() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      int in = 0;
      int out = 0;
      for (int i = 0; i < 300; i++) {
        int size = (int) Math.exp(random.nextDouble(12));
        switch (random.nextInt(6)) {
          case 0 -> near.transport().write(Payload.part(out, size));
          case 1 -> near.transport().write(Payload.direct(out, size));
          case 2 -> near.transport().writeLines(cut(Payload.part(out, size), random));
          case 3 -> near.transport().write(Payload.buffer(out, size).asReadOnlyBuffer());
          default -> {
            peer.sendPlain(Payload.part(in, size));
            in += size;
            out -= size;
          }
        }
        out += size;
        if (random.nextInt(3) == 0) {
          if (random.nextBoolean()) {
            near.transport().pauseReading();
          } else {
            near.transport().resumeReading();
          }
        }
        turns(random.nextInt(4));
      }
      near.transport().resumeReading();
      peer.untilPlain(out);
      near.untilReceived(in);
      assertThat(out).as("seed " + seed).isPositive();
      Payload.assertInOrder(peer.plain(), out);
      Payload.assertInOrder(near.received(), in);
    }
  }

  private static List<ByteBuffer> cut(byte[] bytes, Random random) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int size = Math.min(bytes.length - at, random.nextInt(20_000));
      pieces.add(ByteBuffer.wrap(bytes, at, size));
      at += size;
    }
    return pieces;
  }

  @LoopTest
  @Spec({"TLS-17", "FLOW-17"})
  void smallWritesOfOneIterationShareARecord() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    for (int i = 0; i < 100; i++) {
      near.transport().write(Payload.part(10 * i, 10));
    }
    near.transport().write(Payload.part(1000, 100_000)); // and much shares it too
    peer.untilPlain(101_000);
    Payload.assertInOrder(peer.plain(), 101_000);
    assertThat(peer.pieces).hasSize(7).first().satisfies(n -> assertThat(n).isGreaterThan(16_000));
  }

  @LoopTest
  @Spec({"TLS-17", "TR-24"})
  void callersBytesMayChangeAfterTheCall() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    int total = 0;
    for (int size : new int[] {10, 100_000, 3_000_000}) {
      ByteBuffer data = Payload.buffer(total, size);
      near.transport().write(data);
      assertThat(data.hasRemaining()).isFalse();
      Arrays.fill(data.array(), (byte) 77);
      total += size;
    }
    peer.untilPlain(total);
    Payload.assertInOrder(peer.plain(), total);
  }

  @LoopTest
  @Spec("TLS-23")
  void whatConnectionMadeWritesComesFirst() throws Exception {
    Witness near = new Witness();
    near.on(
        "made",
        () -> {
          near.write("first ");
          near.transport().write(Payload.part(0, 200_000));
        });
    TlsPeer peer = serve(near);
    near.write("last");
    peer.untilPlain(200_010);
    byte[] all = peer.plain();
    assertThat(new String(all, 0, 6)).isEqualTo("first ");
    Payload.assertInOrder(Arrays.copyOfRange(all, 6, 200_006), 200_000);
    assertThat(new String(all, 200_006, 4)).isEqualTo("last");
  }

  // ---- new keys

  @LoopTest
  @Spec("TLS-23")
  void writesGoOnInOrderWhileThePeerAsksForNewKeys() throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      int total = 0;
      for (int i = 0; i < 5; i++) {
        peer.sendNewKeys();
        peer.sendPlain("x");
        for (int turn = 0; turn < 6; turn++) {
          near.transport().write(Payload.part(total, 30_000));
          total += 30_000;
          turn();
        }
        near.untilReceived(i + 1);
      }
      peer.untilPlain(total);
      Payload.assertInOrder(peer.plain(), total);
      assertThat(near.text()).isEqualTo("xxxxx");
    }
  }

  @LoopTest
  @Spec("TLS-23")
  void newKeysMayBeAskedForFromHere() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    SSLEngine engine = (SSLEngine) near.transport().getExtraInfo("ssl_object");
    for (int i = 0; i < 3; i++) {
      near.transport().write(Payload.part(50_000 * i, 25_000));
      engine.beginHandshake();
      near.transport().write(Payload.part(50_000 * i + 25_000, 25_000));
      peer.sendPlain("x");
      near.untilReceived(i + 1);
    }
    peer.untilPlain(150_000);
    Payload.assertInOrder(peer.plain(), 150_000);
  }

  // ---- buffered protocols

  /**
   * Takes bytes into a buffer of a size, writes down the calls, and has a witness keep the rest.
   */
  private static final class Bucket implements BufferedProtocol {
    final List<String> trail = new ArrayList<>();
    final Witness inner = new Witness();
    private final ByteBuffer buffer;

    Bucket(int size, boolean isDirect) {
      buffer = isDirect ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    }

    @Override
    public void connectionMade(Transport transport) throws Exception {
      inner.connectionMade(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      trail.add("get");
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) throws Exception {
      trail.add("updated");
      assertThat(buffer.position()).isEqualTo(count);
      inner.dataReceived(buffer.flip().slice());
    }

    @Override
    public boolean eofReceived() throws Exception {
      return inner.eofReceived();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      inner.connectionLost(exception);
    }
  }

  @LoopTest
  @Spec({"TLS-18", "PROTO-19"})
  void bufferedProtocolGetsItsBytesWhateverItsBuffer() throws Exception {
    for (int size : new int[] {1, 100, 16_384, 20_000, 300_000}) {
      for (boolean isDirect : new boolean[] {false, true}) {
        Bucket bucket = new Bucket(size, isDirect);
        TlsPeer peer = serve(bucket);
        int count = Math.min(40 * size, 100_000);
        for (int sent = 0; sent < count; sent += count / 4) {
          peer.sendPlain(Payload.part(sent, count / 4));
          turn();
        }
        bucket.inner.untilReceived(count);
        Payload.assertInOrder(bucket.inner.received(), count);
        assertThat(bucket.trail).startsWith("get", "updated");
        for (int i = 1; i < bucket.trail.size(); i++) {
          assertThat(
                  bucket.trail.get(i).equals("updated")
                      && bucket.trail.get(i - 1).equals("updated"))
              .as("two updates in a row")
              .isFalse();
        }
        peer.sendEnd();
        peer.untilEnd();
        bucket.inner.untilLost();
        assertThat(bucket.inner.trail).containsExactly("made", "data", "eof", "lost");
      }
    }
  }

  @LoopTest
  @Spec({"TLS-18", "TLS-21"})
  void bufferedProtocolThatPausesInTheMiddleOfARecordGetsTheRestLater() throws Exception {
    Bucket bucket = new Bucket(1000, false);
    TlsPeer peer = serve(bucket);
    Transport transport = bucket.inner.transport();
    bucket.inner.on("data", transport::pauseReading);
    peer.sendPlain(Payload.part(0, 10_000));
    peer.sendEnd();
    for (int i = 1; i <= 10; i++) {
      bucket.inner.untilReceived(1000 * i);
      turns(5);
      assertThat(bucket.inner.receivedCount()).isEqualTo(1000 * i);
      assertThat(bucket.inner.trail).containsExactly("made", "data");
      transport.resumeReading();
    }
    bucket.inner.untilLost();
    Payload.assertInOrder(bucket.inner.received(), 10_000);
    assertThat(bucket.inner.trail).containsExactly("made", "data", "eof", "lost");
  }

  @LoopTest
  @Spec({"TLS-18", "TR-48"})
  void restOfARecordGoesToTheProtocolThatComesNext() throws Exception {
    Bucket bucket = new Bucket(1000, false);
    Witness next = new Witness();
    TlsPeer peer = serve(bucket);
    Transport transport = bucket.inner.transport();
    bucket.inner.on("data", () -> transport.setProtocol(next));
    peer.sendPlain(Payload.part(0, 3000));
    next.untilReceived(2000);
    byte[] all = Arrays.copyOf(bucket.inner.received(), 3000);
    System.arraycopy(next.received(), 0, all, 1000, 2000);
    Payload.assertInOrder(all, 3000);
  }

  // ---- reading is paused

  @LoopTest
  @Spec("TLS-20")
  void moreThanAQuarterMegabyteIsNotHeldWhileReadingIsPaused(MemoryNetwork network)
      throws Exception {
    network.setBufferSizes(16 * 1024, 16 * 1024);
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.transport().pauseReading();
    int count = 2 << 20;
    peer.sendPlain(Payload.part(0, count));
    turns(300);
    long held = count - peer.transport().getWriteBufferSize();
    assertThat(held).isBetween(250L * 1024, 540L * 1024);

    near.transport().resumeReading();
    near.untilReceived(count);
    Payload.assertInOrder(near.received(), count);
  }

  @LoopTest
  @Spec("TLS-21")
  void pausingStopsDeliveryAlthoughBytesAreAtHand() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.on("data", near.transport()::pauseReading);
    peer.sendPlain(Payload.part(0, 1_000_000)); // more than is decrypted at once
    near.untilTold("data");
    int first = near.receivedCount();
    assertThat(first).isLessThan(1_000_000);
    turns(10);
    assertThat(near.receivedCount()).isEqualTo(first);

    near.transport().resumeReading();
    assertThat(near.receivedCount()).as("not inside the call").isEqualTo(first);
    near.untilReceived(first + 1);
    near.on("data", () -> {});
    near.transport().resumeReading();
    near.untilReceived(1_000_000);
    Payload.assertInOrder(near.received(), 1_000_000);
  }

  @LoopTest
  @Spec("TLS-21")
  void resumingAndPausingAgainDeliversNothing() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.transport().pauseReading();
    peer.sendPlain("held");
    turns(5);
    near.transport().resumeReading();
    near.transport().pauseReading();
    turns(5);
    assertThat(near.trail).containsExactly("made");
    near.transport().resumeReading();
    near.untilReceived(4);
  }

  // ---- write limits

  @LoopTest
  @Spec("TLS-19")
  void limitsAreHigherThanThoseOfPlainConnections() throws Exception {
    Witness near = new Witness();
    serve(near);
    assertThat(near.transport().getWriteBufferLimits())
        .isEqualTo(new WriteBufferLimits(128 * 1024, 512 * 1024));
    near.transport().setWriteBufferLimits(1, 2);
    near.transport().resetWriteBufferLimits();
    assertThat(near.transport().getWriteBufferLimits())
        .isEqualTo(new WriteBufferLimits(128 * 1024, 512 * 1024));
  }

  @LoopTest
  @Spec("TLS-19")
  void writingIsPausedAtTheHighMarkAndResumedAtTheLowOne(MemoryNetwork network) throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    Transport transport = near.transport();
    network.everywhere().setWritesBlocked(true);
    transport.setWriteBufferLimits(10_000, 50_000);
    transport.write(new byte[49_000]);
    long overhead = transport.getWriteBufferSize() - 49_000;
    assertThat(overhead).as("of encryption, below").isBetween(0L, 200L);
    assertThat(near.trail).containsExactly("made");
    transport.write(new byte[(int) (50_000 - transport.getWriteBufferSize())]);
    assertThat(near.trail).containsExactly("made", "pause");

    network.everywhere().setWritesBlocked(false);
    near.on("resume", () -> near.trail.add("at " + (transport.getWriteBufferSize() <= 10_000)));
    near.untilTold("resume");
    assertThat(near.trail).containsExactly("made", "pause", "resume", "at true");
    peer.untilPlain(50_000 - (int) overhead);
  }

  @LoopTest
  @Spec({"TLS-19", "FLOW-10"})
  void writeThatIsTakenAtOnceDoesNotPause() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.transport().setWriteBufferLimits(0);
    for (int i = 0; i < 10; i++) {
      near.transport().write(new byte[1000]);
      assertThat(near.transport().getWriteBufferSize()).isZero();
    }
    assertThat(near.trail).containsExactly("made");
    peer.untilPlain(10_000);
  }

  // ---- half-close

  @LoopTest
  @Spec({"TLS-22", "TR-34"})
  void oneDirectionCannotBeEndedAlone() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    assertThat(near.transport().canWriteEof()).isFalse();
    assertThatThrownBy(() -> near.transport().writeEof())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("close()");
    near.write("goes on");
    peer.untilPlain(7);
  }

  // ---- what is wrong

  @LoopTest
  @Spec("TLS-24")
  void corruptRecordEndsTheConnectionWithTheError() throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      peer.sendPlain("good");
      byte[] record = peer.encrypt(Witness.bytes("bad"));
      record[record.length - 1] ^= 1;
      peer.transport().write(record);
      near.untilLost();
      assertThat(near.text()).isEqualTo("good");
      assertThat(near.trail).containsExactly("made", "data", "lost");
      assertThat(near.lostWith()).isInstanceOf(SSLException.class);
      peer.untilLost();
      assertThat(peer.failure()).as("what it was told").hasMessageContaining("bad_record_mac");
    }
  }

  @LoopTest
  @Spec("TLS-24")
  void waitingReaderGetsTheErrorOfACorruptRecord(EventLoop loop) throws Exception {
    StreamReader reader = new StreamReader();
    TlsPeer peer = serve(new StreamReaderProtocol(reader));
    Task<byte[]> reading = createTask(() -> reader.readExactly(100));
    peer.sendPlain("good");
    turns(5);
    byte[] record = peer.encrypt(Witness.bytes("bad"));
    record[7] ^= 1;
    peer.transport().write(record);
    assertThatThrownBy(() -> await(reading)).hasCauseInstanceOf(SSLException.class);
    assertThatThrownBy(() -> reader.read(1)).isInstanceOf(SSLException.class);
  }

  @LoopTest
  @Spec("TLS-24")
  void recordThatIsTooLongEndsTheConnection() throws Exception {
    for (int length : new int[] {17_000, 18_433, 30_000, 65_535}) {
      Witness near = new Witness();
      TlsPeer peer = serve(near);
      byte[] record = new byte[5 + length];
      record[0] = 23;
      record[1] = 3;
      record[2] = 3;
      record[3] = (byte) (length >> 8);
      record[4] = (byte) length;
      peer.transport().write(record);
      near.untilLost();
      assertThat(near.trail).containsExactly("made", "lost");
      assertThat(near.lostWith()).isInstanceOf(SSLException.class);
    }
  }

  @LoopTest
  @Spec("TLS-24")
  void garbageAfterTheHandshakeEndsTheConnection() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    peer.transport().write(Witness.bytes("GET / HTTP/1.1\r\n\r\n"));
    near.untilLost();
    assertThat(near.lostWith()).isInstanceOf(SSLException.class);
  }

  // ---- after the end

  @LoopTest
  @Spec("TLS-25")
  void writesAfterCloseAreDroppedWithAWarning() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    Transport transport = near.transport();
    transport.close();
    try (LogCapture log = new LogCapture()) {
      for (int i = 0; i < 4; i++) {
        transport.write(new byte[100]);
      }
      assertThat(log.texts(Level.WARNING)).isEmpty();
      ByteBuffer dropped = ByteBuffer.allocate(200_000);
      transport.write(dropped);
      assertThat(dropped.hasRemaining()).isFalse();
      assertThat(log.texts(Level.WARNING)).hasSize(1);
      assertThat(log.texts(Level.WARNING).getFirst()).contains("SSL connection is closed");
    }
    assertThat(transport.getWriteBufferSize()).isZero();
    peer.untilEnd();
    peer.sendEnd();
    near.untilLost();
    assertThat(peer.plain()).isEmpty();
    transport.write(new byte[100]);
    transport.writeLines(List.of(ByteBuffer.allocate(100)));
    assertThat(transport.getWriteBufferSize()).isZero();
  }

  @LoopTest
  @Spec("TLS-25")
  void writesAfterALossAreDropped(MemoryNetwork network) throws Exception {
    Ends ends = connect();
    ends.client().transport().abort();
    ends.server().untilLost();
    ends.server().transport().write(new byte[100]);
    assertThat(ends.server().transport().getWriteBufferSize()).isZero();
  }
}
