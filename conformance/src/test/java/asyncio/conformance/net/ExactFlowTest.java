package asyncio.conformance.net;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.conformance.Spec;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Flow control to the byte, on a network that takes exactly what the test says. */
@LoopTest
class ExactFlowTest extends SocketSubject {
  ExactFlowTest() {
    super(Wire.MEMORY);
  }

  private MemoryNetwork network() {
    return Wire.network(loop());
  }

  /** A connection on whose way there is room for so many bytes. */
  private Ends connect(int room) throws Exception {
    network().setBufferSizes(room, 0);
    return connect();
  }

  @LoopTest
  @Spec({"FLOW-5", "PROACTOR-7"})
  void sizeEqualToTheHighMarkDoesNotPause() throws Exception {
    Ends ends = connect(100);
    Transport transport = ends.near().transport();
    transport.setWriteBufferLimits(10, 50);
    ends.far().transport().pauseReading();
    transport.write(new byte[150]);
    assertThat(transport.getWriteBufferSize()).isEqualTo(50);
    assertThat(ends.near().trail).containsExactly("made");
    transport.write(new byte[1]);
    assertThat(transport.getWriteBufferSize()).isEqualTo(51);
    assertThat(ends.near().trail).containsExactly("made", "pause");
  }

  @LoopTest
  @Spec("FLOW-7")
  void sizeEqualToTheLowMarkResumes() throws Exception {
    Ends ends = connect(100);
    Transport transport = ends.near().transport();
    transport.setWriteBufferLimits(40, 50);
    ends.far().transport().pauseReading();
    transport.write(new byte[200]);
    assertThat(ends.near().trail).containsExactly("made", "pause");

    readRaw(59); // 41 are left
    turns(3);
    assertThat(transport.getWriteBufferSize()).isEqualTo(41);
    assertThat(ends.near().trail).containsExactly("made", "pause");
    readRaw(1);
    turns(3);
    assertThat(transport.getWriteBufferSize()).isEqualTo(40);
    assertThat(ends.near().trail).containsExactly("made", "pause", "resume");
  }

  /** Takes bytes off the far end, past its transport. */
  private void readRaw(int count) throws Exception {
    assertThat(farChannel.read(ByteBuffer.allocate(count))).isEqualTo(count);
  }

  @LoopTest
  @Spec({"FLOW-9", "PROACTOR-7"})
  void sizeCountsWhatTheSystemHasNotTaken() throws Exception {
    Ends ends = connect(100);
    Transport transport = ends.near().transport();
    assertThat(transport.getWriteBufferSize()).isZero();
    ends.far().transport().pauseReading();
    transport.write(new byte[60]);
    assertThat(transport.getWriteBufferSize()).isZero();
    transport.write(new byte[60]);
    assertThat(transport.getWriteBufferSize()).isEqualTo(20);
    transport.writeLines(List.of(ByteBuffer.allocate(3), ByteBuffer.allocate(4)));
    assertThat(transport.getWriteBufferSize()).isEqualTo(27);
    readRaw(10);
    turns(3);
    assertThat(transport.getWriteBufferSize()).isEqualTo(17);
    readRaw(100);
    turns(3);
    assertThat(transport.getWriteBufferSize()).isZero();
  }

  @LoopTest
  @Spec({"FLOW-10", "PROACTOR-7"})
  void writeThatIsTakenWholeNeverPauses() throws Exception {
    Ends ends = connect(100_000);
    Transport transport = ends.near().transport();
    transport.setWriteBufferLimits(0);
    for (int i = 0; i < 10; i++) {
      transport.write(new byte[5_000]);
      transport.writeLines(List.of(ByteBuffer.allocate(1_000), ByteBuffer.allocate(4_000)));
    }
    turns(3);
    assertThat(ends.near().trail).containsExactly("made");
    assertThat(ends.far().receivedCount()).isEqualTo(100_000);

    transport.resetWriteBufferLimits();
    ends.far().transport().pauseReading();
    transport.write(new byte[100_000]); // more than the high mark, and taken
    assertThat(ends.near().trail).containsExactly("made");
  }

  /** Writes of one iteration that are joined: what does not fit in the end is within the mark. */
  @LoopTest
  @Spec({"FLOW-5", "FLOW-6"})
  void joinedWritesPauseAsSingleOnesWould() throws Exception {
    for (int high : new int[] {0, 1, 29, 30, 31, 1000}) {
      Ends ends = connect(100);
      Transport transport = ends.near().transport();
      transport.setWriteBufferLimits(0, high);
      ends.far().transport().pauseReading();
      List<String> expected = new ArrayList<>(List.of("made"));
      for (int i = 1; i <= 13; i++) {
        transport.write(new byte[10]);
        if (10 * i - 100 > high && !expected.contains("pause")) {
          expected.add("pause");
        }
        assertThat(ends.near().trail).as("%d writes, mark %d", i, high).isEqualTo(expected);
      }
      turns(2);
      assertThat(ends.near().trail).isEqualTo(expected);
    }
  }

  @LoopTest
  @Spec("FLOW-11")
  void marksBelowWhatIsJoinedPauseInsideTheCall() throws Exception {
    Ends ends = connect(100);
    Transport transport = ends.near().transport();
    ends.far().transport().pauseReading();
    transport.write(new byte[100]);
    transport.write(new byte[20]);
    assertThat(ends.near().trail).containsExactly("made");
    transport.setWriteBufferLimits(19);
    assertThat(ends.near().trail).containsExactly("made", "pause");
  }

  @LoopTest
  @Spec("TR-11")
  void closedTransportWaitsForItsReaderForEver() throws Exception {
    Ends ends = connect(100);
    ends.far().transport().pauseReading();
    ends.near().transport().write(Payload.part(0, 1000));
    ends.near().transport().close();
    for (int day = 0; day < 10; day++) {
      sleep(seconds(86_400));
    }
    assertThat(ends.near().trail).containsExactly("made");
    assertThat(ends.near().transport().getWriteBufferSize()).isEqualTo(900);

    ends.far().transport().resumeReading();
    ends.near().untilLost();
    ends.far().untilReceived(1000);
    Payload.assertInOrder(ends.far().received(), 1000);
  }

  /** The channel is asked as often as needed, and no more. */
  @LoopTest
  @Spec({"TR-21", "TR-29"})
  void wouldBlockAndPartialSendsCostNoBytes() throws Exception {
    for (int max : new int[] {1, 3, 7, 64}) {
      Ends ends = connect(50);
      network().of(nearChannel).setMaxBytes(max);
      network().of(nearChannel).setWritesBlocked(true);
      Transport transport = ends.near().transport();
      transport.writeLines(List.of(Payload.buffer(0, 10), Payload.buffer(10, 25)));
      transport.write(Payload.part(35, 100));
      assertThat(transport.getWriteBufferSize()).isEqualTo(135);
      turns(3);
      assertThat(transport.getWriteBufferSize()).isEqualTo(135);
      network().of(nearChannel).setWritesBlocked(false);
      ends.far().untilReceived(135);
      Payload.assertInOrder(ends.far().received(), 135);
      assertThat(transport.getWriteBufferSize()).isZero();
    }
  }

  @LoopTest
  @Spec({"TR-31", "PROACTOR-11"})
  void writeEofWaitsForTheLastByte() throws Exception {
    Ends ends = connect(50);
    ends.far().transport().pauseReading();
    ends.near().transport().write(new byte[60]);
    ends.near().transport().writeEof();
    readRaw(50);
    assertThat(farChannel.read(ByteBuffer.allocate(1))).isZero();
    turns(3);
    readRaw(10);
    assertThat(farChannel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  /** The memory of a slow reader's writer who heeds the marks is bounded by them. */
  @LoopTest
  @Spec({"FLOW-5", "FLOW-7"})
  void writerThatHeedsTheMarksKeepsLittle() throws Exception {
    Ends ends = connect(1000);
    Transport transport = ends.near().transport();
    transport.setWriteBufferLimits(1_000, 5_000);
    boolean[] mayWrite = {true};
    long[] most = new long[1];
    long[] written = new long[1];
    Runnable produce =
        () -> {
          while (mayWrite[0] && written[0] < 999_600) {
            transport.write(Payload.part(written[0], 700));
            written[0] += 700;
            most[0] = Math.max(most[0], transport.getWriteBufferSize());
          }
        };
    ends.near().on("pause", () -> mayWrite[0] = false);
    ends.near()
        .on(
            "resume",
            () -> {
              mayWrite[0] = true;
              produce.run();
            });
    produce.run();
    ends.far().untilReceived(999_600);
    assertThat(most[0]).isLessThanOrEqualTo(5_000 + 700);
    Payload.assertInOrder(ends.far().received(), written[0]);
  }
}
