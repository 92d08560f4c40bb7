package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ErrorContext;
import asyncio.conformance.Spec;
import asyncio.net.BufferedProtocol;
import asyncio.net.ProtocolLayer;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The contracts of stream connections, on a layer through which everything passes: it cannot be
 * told from the transport below.
 */
@LoopTest
@Spec({"STACK-2", "STACK-3", "STACK-5", "STACK-7", "STACK-8", "HER-90", "HER-92", "HER-93"})
class LayerTransportTest extends Subject
    implements LifeContract, ReadContract, WriteContract, FlowContract {

  /** A layer that adds nothing. */
  private static final class Plain extends ProtocolLayer {
    Plain(StreamProtocol above) {
      super(above);
    }
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Wire.Channels channels = Wire.MEMORY.open(loop());
    Plain nearLayer = new Plain(near);
    Plain twice = new Plain(new Plain(far));
    SocketSubject.serve(nearLayer, channels.near());
    return List.of(nearLayer.transport(), SocketSubject.serve(twice, channels.far()));
  }

  /** What the upper protocol throws is, for the transport below, an error of the layer. */
  @Override
  @LoopTest
  public void failureOfDataReceivedIsReportedAndEndsTheConnection(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = connect();
    var failure = new IllegalStateException("cannot parse this");
    ends.near()
        .on(
            "data",
            () -> {
              throw failure;
            });
    ends.far().write("x");
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isSameAs(failure);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).isSameAs(failure);
    assertThat(reports.getFirst().get(ErrorContext.PROTOCOL)).isInstanceOf(Plain.class);
    ends.far().untilTold("lost");
  }

  @Override
  @LoopTest
  public void failuresOfABufferedProtocolAreReportedAndEndTheConnection(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    List<Object> lost = new ArrayList<>();
    var failure = new IllegalStateException("out of buffers");
    Witness far =
        connect(
            new BufferedProtocol() {
              @Override
              public ByteBuffer getBuffer(int sizeHint) {
                throw failure;
              }

              @Override
              public void bufferUpdated(int count) {}

              @Override
              public void connectionLost(Throwable exception) {
                lost.add(exception);
              }
            });
    far.write("x");
    far.untilLost();
    assertThat(lost).containsExactly(failure);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).isSameAs(failure);
  }
}
