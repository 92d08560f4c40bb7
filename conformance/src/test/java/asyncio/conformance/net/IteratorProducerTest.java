package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Generator;
import asyncio.conformance.Spec;
import asyncio.net.BaseConsumer;
import asyncio.net.IteratorProducer;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.net.TransportEnd;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Iterators and generators as producers. */
@LoopTest
class IteratorProducerTest {
  private final List<String> trail = new ArrayList<>();

  /** Writes down what it takes; full after each chunk if it is told to be. */
  private final class Sink extends BaseConsumer {
    boolean fullAfterEach;

    @Override
    public void write(ByteBuffer data) {
      trail.add("takes " + StandardCharsets.UTF_8.decode(data));
      if (fullAfterEach) {
        becameFull();
      }
    }

    @Override
    public void writeEof() {
      trail.add("eof");
    }

    void drained() {
      becameDrained();
    }

    void full() {
      becameFull();
    }

    void closed() {
      becameClosed();
    }

    boolean isFree() {
      return producer() == null;
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Yields a, b and c, and waits a second before each; writes down what happens inside. */
  private Generator<ByteBuffer, Object, Void> letters() {
    return Generator.of(y -> {
      try {
        for (String letter : List.of("a", "b", "c")) {
          sleep(seconds(1));
          trail.add("yields " + letter);
          y.yield(bytes(letter));
        }
      } finally {
        trail.add("closed");
      }
    });
  }

  @LoopTest
  @Spec("HER-108")
  void aGeneratorIsPulledAndMayWaitForWhatItYields() {
    Sink sink = new Sink();
    IteratorProducer producer = new IteratorProducer(letters());
    sink.register(producer);
    await(producer.done());

    assertThat(trail)
        .containsExactly(
            "yields a", "takes a", "yields b", "takes b", "yields c", "takes c", "closed");
    assertThat(sink.isFree()).as("it has left, and the consumer is open").isTrue();
  }

  @LoopTest
  @Spec("HER-108")
  void nothingIsPulledWhilePaused() {
    Sink sink = new Sink();
    sink.fullAfterEach = true;
    IteratorProducer producer = new IteratorProducer(letters());
    sink.register(producer);
    sleep(seconds(10));
    assertThat(trail).containsExactly("yields a", "takes a");

    sink.drained();
    sleep(seconds(10));
    assertThat(trail).containsExactly("yields a", "takes a", "yields b", "takes b");
    sink.closed();
    sleep(seconds(1));
    assertThat(trail).endsWith("takes b", "closed");
    assertThat(producer.done().isCancelled()).isTrue();
  }

  @LoopTest
  @Spec({"HER-108", "HER-104"})
  void whatWasAskedForBeforeThePauseIsSentAfterIt() {
    Sink sink = new Sink();
    IteratorProducer producer = new IteratorProducer(letters());
    sink.register(producer);
    sleep(seconds(0.5));
    sink.full();
    sleep(seconds(10));
    assertThat(trail).containsExactly("yields a");

    sink.drained();
    await(producer.done());
    assertThat(trail).startsWith("yields a", "takes a", "yields b").endsWith("takes c", "closed");
  }

  @LoopTest
  @Spec("HER-108")
  void stoppingClosesTheGeneratorWhereItWaitsOrBeforeItBegins() {
    Sink sink = new Sink();
    IteratorProducer producer = new IteratorProducer(letters());
    sink.register(producer);
    sleep(seconds(1.5));
    sink.closed();
    sleep(seconds(10));
    assertThat(trail).containsExactly("yields a", "takes a", "closed");
    assertThat(producer.done().isCancelled()).isTrue();

    Generator<ByteBuffer, Object, Void> unused = letters();
    IteratorProducer refused = new IteratorProducer(unused);
    sink.register(refused); // which is closed
    assertThat(refused.done().isCancelled()).isTrue();
    assertThat(unused.hasNext()).isFalse();
  }

  @LoopTest
  @Spec("HER-108")
  void aFailureOfTheIteratorIsTheResult() {
    Sink sink = new Sink();
    Iterator<ByteBuffer> failing =
        Stream.of("a", "b")
            .map(text -> {
              if (text.equals("b")) {
                throw new IllegalArgumentException("no b");
              }
              return bytes(text);
            })
            .iterator();
    IteratorProducer producer = new IteratorProducer(failing);
    sink.register(producer);

    assertThatThrownBy(() -> await(producer.done())).hasMessage("no b");
    assertThat(trail).containsExactly("takes a");
    assertThat(sink.isFree()).isTrue();
    assertThatThrownBy(() -> sink.register(producer)).isInstanceOf(IllegalStateException.class);
    assertThat(sink.isFree()).isTrue();
  }

  /** The statement's 100 MB in small: what counts is what is kept on the way. */
  @LoopTest
  @Spec({"HER-107", "HER-51", "HER-103"})
  void aFastProducerNeverKeepsMoreThanTheHighMarkAndOneChunk(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    int chunk = 1000;
    int count = 2000;
    int high = 4096;
    network.setBufferSizes(512, 512);
    MemoryNetwork.Pair pair = network.pair();
    pair.second().configureBlocking(false);
    TransportEnd end = new TransportEnd();
    Transport transport =
        getRunningLoop()
            .connectAcceptedSocket(() -> end, pair.first(), ServerOptions.DEFAULT)
            .transport();
    transport.setWriteBufferLimits(high / 4, high);
    long[] most = {0, 0};
    IteratorProducer producer =
        new IteratorProducer(
            Stream.iterate(0, i -> i < count, i -> i + 1)
                .map(i -> {
                  most[0] = Math.max(most[0], transport.getWriteBufferSize());
                  return Payload.buffer((long) i * chunk, chunk);
                })
                .iterator());
    end.consumer().register(producer);

    ByteArrayOutputStream received = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(100); // a tenth of a chunk at a time
    while (received.size() < chunk * count) {
      buffer.clear();
      if (pair.second().read(buffer) <= 0) {
        probe.runUntilAllBlocked();
      }
      received.write(buffer.array(), 0, buffer.position());
      most[1] = Math.max(most[1], transport.getWriteBufferSize());
    }
    await(producer.done());
    Payload.assertInOrder(received.toByteArray(), (long) chunk * count);
    assertThat(most[0]).as("before a chunk").isLessThanOrEqualTo(high);
    assertThat(most[1]).as("at any time").isBetween((long) high, (long) high + chunk);
    transport.abort();
    probe.runUntilAllBlocked();
    pair.second().close();
  }
}
