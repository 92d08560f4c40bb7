package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Spec;
import asyncio.net.PausableLayer;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The pause of PEP 3153, which stops both directions. */
@LoopTest
class PausableLayerTest {
  private final Witness top = new Witness();
  private final PausableLayer layer = new PausableLayer(top);
  private SocketChannel far;

  private void connect(MemoryNetwork network) throws Exception {
    MemoryNetwork.Pair pair = network.pair();
    far = pair.second();
    far.configureBlocking(false);
    SocketSubject.serve(layer, pair.first());
  }

  private void send(String text) throws IOException {
    far.write(ByteBuffer.wrap(Witness.bytes(text)));
  }

  /** What the far end has received; "end" at the end. */
  private String received() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    int count = far.read(buffer);
    return count < 0
        ? "end"
        : new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  private void finish(LoopProbe probe) throws IOException {
    layer.transport().abort();
    probe.runUntilAllBlocked();
    far.close();
  }

  @LoopTest
  @Spec("STACK-10")
  void nothingPassesInEitherDirectionUntilItIsResumed(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    connect(network);
    layer.pause();
    layer.pause();
    send("in");
    top.write("out ");
    top.write("put");
    probe.runUntilAllBlocked();
    assertThat(received()).isEmpty();
    assertThat(top.text()).isEmpty();
    assertThat(layer.transport().getWriteBufferSize()).isEqualTo(7);
    assertThat(layer.transport().isReading()).isFalse();

    layer.resume();
    layer.resume();
    probe.runUntilAllBlocked();
    assertThat(received()).isEqualTo("out put");
    assertThat(top.text()).isEqualTo("in");
    assertThat(layer.transport().getWriteBufferSize()).isZero();
    finish(probe);
  }

  @LoopTest
  @Spec("STACK-10")
  void theTwoPausesOfReadingAddUp(MemoryNetwork network, LoopProbe probe) throws Exception {
    connect(network);
    top.transport().pauseReading();
    layer.pause();
    send("in");
    layer.resume();
    probe.runUntilAllBlocked();
    assertThat(top.text()).isEmpty();
    layer.pause();
    top.transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(top.text()).isEmpty();
    layer.resume();
    probe.runUntilAllBlocked();
    assertThat(top.text()).isEqualTo("in");
    finish(probe);
  }

  @LoopTest
  @Spec({"STACK-10", "STACK-5"})
  void outputThatIsHeldBackPausesTheProtocol(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    connect(network);
    layer.transport().setWriteBufferLimits(2, 5);
    layer.pause();
    top.write("12345");
    assertThat(top.trail).containsExactly("made");
    top.write("6");
    assertThat(top.trail).containsExactly("made", "pause");
    layer.resume();
    assertThat(top.trail).containsExactly("made", "pause", "resume");
    finish(probe);
  }

  @LoopTest
  @Spec({"STACK-10", "STACK-8"})
  void eachEndMeansTheSameWhilePaused(MemoryNetwork network, LoopProbe probe) throws Exception {
    connect(network);
    layer.pause();
    top.write("half");
    top.transport().writeEof();
    probe.runUntilAllBlocked();
    assertThat(received()).isEmpty();
    assertThatThrownBy(() -> top.write("late")).isInstanceOf(IllegalStateException.class);
    layer.resume();
    probe.runUntilAllBlocked();
    assertThat(received()).isEqualTo("half");
    assertThat(received()).isEqualTo("end");
    finish(probe);

    PausableLayer closing = new PausableLayer(new Witness());
    MemoryNetwork.Pair pair = network.pair();
    far = pair.second();
    SocketSubject.serve(closing, pair.first());
    closing.pause();
    closing.transport().write(Witness.bytes("closed"));
    closing.transport().close();
    probe.runUntilAllBlocked();
    assertThat(received()).isEqualTo("closed");
    assertThat(received()).isEqualTo("end");
    far.close();

    PausableLayer aborting = new PausableLayer(new Witness());
    MemoryNetwork.Pair other = network.pair();
    far = other.second();
    SocketSubject.serve(aborting, other.first());
    aborting.pause();
    aborting.transport().write(Witness.bytes("dropped"));
    aborting.transport().abort();
    probe.runUntilAllBlocked();
    assertThat(aborting.transport().getWriteBufferSize()).isZero();
    assertThat(received()).isEqualTo("end");
    far.close();
  }

  @LoopTest
  @Spec({"STACK-9", "HER-94"})
  void writingAfterTheEndIsRefused(MemoryNetwork network, LoopProbe probe) throws Exception {
    connect(network);
    top.transport().abort();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> top.write("late"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("aborted or lost");
      probe.runUntilAllBlocked();
    }
    far.close();
  }
}
