package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Spec;
import asyncio.net.ChunkProtocol;
import asyncio.net.ProtocolLayer;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a layer adds to the contracts of {@link LayerTransportTest}: when, and in which order. */
@LoopTest
class ProtocolLayerTest {
  private final List<String> trail = new ArrayList<>();
  private SocketChannel far;

  /**
   * A layer that says hello first, is ready when it has been greeted, and delivers each byte alone.
   */
  private final class Greeter extends ProtocolLayer {
    private boolean greeted;

    Greeter(StreamProtocol above) {
      super(above);
    }

    @Override
    public void connectionMade(Transport transport) throws Exception {
      trail.add("layer made");
      super.connectionMade(transport);
    }

    @Override
    protected boolean isReadyAtOnce() {
      return false;
    }

    @Override
    public void dataReceived(ByteBuffer data) throws Exception {
      if (!greeted) {
        greeted = true;
        trail.add("layer greeted");
        data.get();
        ready();
      }
      while (data.hasRemaining()) {
        deliver(data.slice(data.position(), 1));
        data.position(data.position() + 1);
      }
    }

    @Override
    protected @Nullable Object extraInfo(String name) {
      return name.equals("greeting") ? "!" : null;
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      trail.add("layer lost");
      super.connectionLost(exception);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private Transport connect(MemoryNetwork network, ProtocolLayer layer) throws Exception {
    MemoryNetwork.Pair pair = network.pair();
    far = pair.second();
    far.configureBlocking(false);
    return SocketSubject.serve(layer, pair.first());
  }

  private void finish(Transport transport, LoopProbe probe) throws IOException {
    transport.abort();
    probe.runUntilAllBlocked();
    far.close();
  }

  @LoopTest
  @Spec("STACK-3")
  void theUpperProtocolIsConnectedWhenTheLayerIsReadyAndLostAfterIt(
      MemoryNetwork network, LoopProbe probe) throws Exception {
    Transport transport =
        connect(network, new Greeter(new Greeter(new TrailProtocol("top", trail))));
    assertThat(trail).containsExactly("layer made");
    far.write(bytes("!!x"));
    probe.runUntilAllBlocked();
    far.close();
    probe.runUntilAllBlocked();

    assertThat(trail)
        .containsExactly(
            "layer made",
            "layer greeted",
            "layer made",
            "layer greeted",
            "top made",
            "top data x",
            "top eof",
            "layer lost",
            "layer lost",
            "top lost");
    assertThat(transport.isClosing()).isTrue();
  }

  @LoopTest
  @Spec("STACK-4")
  void whoWasNotToldOfTheConnectionIsNotToldOfItsLoss(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    connect(network, new Greeter(new TrailProtocol("top", trail)));
    far.close();
    probe.runUntilAllBlocked();

    assertThat(trail).containsExactly("layer made", "layer lost");
  }

  @LoopTest
  @Spec({"STACK-3", "STACK-5", "HER-92", "HER-109"})
  void whatALayerHoldsForAPausedProtocolComesBeforeTheEnd(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Witness top = new Witness();
    top.on(
        "data",
        () -> {
          if (top.text().equals("ab")) {
            top.transport().pauseReading();
          }
        });
    Transport below = connect(network, new Greeter(top));
    far.write(bytes("!abcd"));
    probe.runUntilAllBlocked();
    assertThat(top.text()).isEqualTo("ab");
    assertThat(below.isReading()).as("the transport at the bottom").isFalse();

    below.abort(); // by whoever has the bottom: the rest is held, and the loss with it
    probe.runUntilAllBlocked();
    assertThat(trail.getLast()).isEqualTo("layer lost");
    assertThat(top.trail).containsExactly("made", "data");

    top.transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(top.text()).isEqualTo("abcd");
    assertThat(top.trail).containsExactly("made", "data", "lost");
    far.close();
  }

  @LoopTest
  @Spec("STACK-3")
  void anEndOfFileComesAfterWhatIsHeldAndClosingDropsIt(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Witness top = new Witness();
    top.on("data", () -> top.transport().pauseReading());
    connect(network, new Greeter(top));
    far.write(bytes("!ab"));
    far.shutdownOutput();
    probe.runUntilAllBlocked();
    for (int i = 0; i < 2; i++) {
      assertThat(top.trail).containsExactly("made", "data");
      top.transport().resumeReading();
      probe.runUntilAllBlocked();
    }
    top.transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(top.trail).containsExactly("made", "data", "eof", "lost");
    far.close();

    Witness closing = new Witness();
    closing.on("data", () -> closing.transport().close());
    connect(network, new Greeter(closing));
    far.write(bytes("!ab"));
    probe.runUntilAllBlocked();
    assertThat(closing.text()).isEqualTo("a");
    assertThat(closing.trail).containsExactly("made", "data", "lost");
    far.close();
  }

  @LoopTest
  @Spec({"STACK-5", "HER-109"})
  void aFullBottomPausesTheTopAlsoIfItWasFullBefore(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    network.setBufferSizes(16, 16);
    Witness top = new Witness();
    top.on(
        "made",
        () -> top.write("y".repeat(10))); // adds to what is kept, and pauses nobody a second time
    Greeter layer = new Greeter(new Greeter(top));
    Transport below = connect(network, layer);
    below.setWriteBufferLimits(0, 20);
    below.write(bytes("x".repeat(100)));
    far.write(bytes("!!"));
    probe.runUntilAllBlocked();
    assertThat(top.trail).containsExactly("made", "pause");
    assertThat(top.transport().getWriteBufferSize()).isEqualTo(below.getWriteBufferSize());

    ByteBuffer sink = ByteBuffer.allocate(1000);
    for (int idle = 0; idle < 3; ) {
      idle = far.read(sink) > 0 ? 0 : idle + 1;
      probe.runUntilAllBlocked();
    }
    assertThat(top.trail).containsExactly("made", "pause", "resume");
    finish(below, probe);
  }

  @LoopTest
  @Spec({"STACK-5", "HER-92"})
  void framesThatWaitOnALayerComeWhenItIsResumed(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    ChunkProtocol[] chunks = new ChunkProtocol[1];
    chunks[0] =
        new ChunkProtocol(
            new byte[] {'|'},
            chunk -> {
              trail.add(new String(chunk, StandardCharsets.UTF_8));
              chunks[0].transport().pauseReading();
            });
    Transport below = connect(network, new Plain(new Plain(chunks[0])));
    far.write(bytes("a|b|"));
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("a");
    chunks[0].transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("a", "b");
    finish(below, probe);
  }

  private static final class Plain extends ProtocolLayer {
    Plain(StreamProtocol above) {
      super(above);
    }
  }

  @LoopTest
  @Spec({"STACK-6", "HER-109"})
  void aLayerAnswersForItsOwnNamesAndPassesTheOthersOn(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Greeter layer = new Greeter(new Plain(new Witness()));
    Transport below = connect(network, layer);
    Transport transport = layer.transport();

    assertThat(transport.getExtraInfo("greeting")).isEqualTo("!");
    assertThat(below.getExtraInfo("greeting")).isNull();
    assertThat(transport.getExtraInfo("socket")).isSameAs(below.getExtraInfo("socket"));
    assertThat(transport.getExtraInfo("peername")).isEqualTo(below.getExtraInfo("peername"));
    assertThat(transport.getExtraInfo("nothing of the kind", "default")).isEqualTo("default");
    finish(below, probe);
  }

  @LoopTest
  @Spec({"STACK-7", "HER-90"})
  void aSequenceIsWrittenAsItsElementsInOrder(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Plain layer = new Plain(new Witness());
    Transport below = connect(network, layer);
    layer.transport().writeLines(List.of(bytes("one "), bytes(""), bytes("two")));
    ByteBuffer received = ByteBuffer.allocate(100);
    far.read(received);

    assertThat(new String(received.array(), 0, received.position(), StandardCharsets.UTF_8))
        .isEqualTo("one two");
    finish(below, probe);
  }

  /** The network takes 50 bytes a call: of the second call nothing would be kept. */
  @LoopTest
  @Spec("HER-91")
  void aSequenceOfSmallBuffersIsOneCallOfTheChannel(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    network.everywhere().setMaxBytes(50);
    Witness top = new Witness();
    MemoryNetwork.Pair pair = network.pair();
    far = pair.second();
    Transport transport = SocketSubject.serve(top, pair.first());
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      pieces.add(bytes("x"));
    }
    transport.writeLines(pieces);
    assertThat(transport.getWriteBufferSize()).isEqualTo(50);
    finish(transport, probe);
  }

  /** What the far end sees of each way to end, and what can still be received. */
  @LoopTest
  @Spec({"STACK-8", "HER-90", "HER-93"})
  void thereAreThreeWaysToEnd(MemoryNetwork network, LoopProbe probe) throws Exception {
    network.setBufferSizes(16, 16);
    for (String way : List.of("close", "half-close", "abort")) {
      Witness top = new Witness();
      Plain layer = new Plain(top);
      Transport below = connect(network, layer);
      top.write("x".repeat(100));
      switch (way) {
        case "close" -> top.transport().close();
        case "half-close" -> top.transport().writeEof();
        default -> top.transport().abort();
      }
      int sent = 0;
      boolean ended = false;
      ByteBuffer sink = ByteBuffer.allocate(1000);
      for (int idle = 0; idle < 3 && !ended; ) {
        int count = far.read(sink);
        ended = count < 0;
        idle = count > 0 ? 0 : idle + 1;
        sent += Math.max(0, count);
        probe.runUntilAllBlocked();
      }
      assertThat(ended).as(way).isTrue();
      if (way.equals("abort")) {
        assertThat(sent).isLessThan(100);
      } else {
        assertThat(sent).as(way).isEqualTo(100);
      }
      if (way.equals("half-close")) {
        far.write(bytes("still"));
        probe.runUntilAllBlocked();
      }
      trail.add(way + " " + top.text() + " " + top.trail.getLast());
      finish(below, probe);
    }
    assertThat(trail).containsExactly("close  lost", "half-close still data", "abort  lost");
  }

  @LoopTest
  @Spec("STACK-2")
  void aLayerWithoutAConnectionSaysSo() {
    Plain layer = new Plain(new Witness());
    assertThatThrownBy(() -> layer.transport().write(bytes("early")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not connected yet");
    assertThatThrownBy(() -> layer.transport().pauseReading())
        .isInstanceOf(IllegalStateException.class);
  }
}
