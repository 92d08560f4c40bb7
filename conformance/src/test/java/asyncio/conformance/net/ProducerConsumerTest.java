package asyncio.conformance.net;

import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.conformance.Spec;
import asyncio.net.BaseConsumer;
import asyncio.net.BaseProducer;
import asyncio.net.Consumer;
import asyncio.net.Producer;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.net.TransportEnd;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Producers and consumers (PEP 3153). */
@LoopTest
class ProducerConsumerTest {
  private final List<String> trail = new ArrayList<>();

  /** Writes down what it takes; full, drained and closed on demand. */
  private final class Sink extends BaseConsumer {
    @Override
    public void write(ByteBuffer data) {
      trail.add("takes " + StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void writeEof() {
      trail.add("eof");
    }

    void full() {
      becameFull();
    }

    void drained() {
      becameDrained();
    }

    void closed() {
      becameClosed();
    }

    boolean isFree() {
      return producer() == null;
    }
  }

  /** Writes down the calls that it gets. */
  private class Bare implements Producer {
    @Override
    public void halfRegister(Consumer consumer) {
      trail.add("halfRegister");
    }

    @Override
    public void pause() {
      trail.add("pause");
    }

    @Override
    public void resume() {
      trail.add("resume");
    }

    @Override
    public void stop() {
      trail.add("stop");
    }
  }

  /** Keeps the rules, writes down what it does, and sends on demand. */
  private final class Source extends BaseProducer {
    @Override
    protected void paused() {
      trail.add("paused");
    }

    @Override
    protected void resumed() {
      trail.add("resumed");
    }

    @Override
    protected void stopped() {
      trail.add("stopped");
    }

    void push(String text) {
      send(bytes(text));
    }

    void end() {
      finish();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @LoopTest
  @Spec({"PC-1", "PC-2", "HER-101"})
  void registeringHalfRegistersOnceBeforeEverythingElse() {
    Sink sink = new Sink();
    sink.full();
    sink.register(new Bare());

    assertThat(trail).containsExactly("halfRegister", "pause");
  }

  @LoopTest
  @Spec({"PC-3", "HER-101"})
  void aProducerThatRefusesIsNotRegistered() {
    Sink sink = new Sink();
    IllegalStateException refusal = new IllegalStateException("not this one");
    assertThatThrownBy(() ->
            sink.register(
                new Bare() {
                  @Override
                  public void halfRegister(Consumer consumer) {
                    throw refusal;
                  }
                }))
        .isSameAs(refusal);
    assertThat(sink.isFree()).isTrue();

    Source source = new Source(); // whose halfRegister only stores the consumer
    sink.register(source);
    source.push("a");
    assertThat(trail).containsExactly("takes a");
  }

  @LoopTest
  @Spec({"PC-4", "HER-102", "HER-51"})
  void aSecondProducerIsRefusedAlsoFromInsideTheFirstRegistration() {
    Sink sink = new Sink();
    sink.register(
        new Bare() {
          @Override
          public void halfRegister(Consumer consumer) {
            assertThatThrownBy(() -> consumer.register(new Bare()))
                .isInstanceOf(IllegalStateException.class);
            trail.add("first");
          }
        });
    assertThatThrownBy(() -> sink.register(new Bare())).isInstanceOf(IllegalStateException.class);

    sink.full();
    assertThat(trail).containsExactly("first", "pause");
  }

  @LoopTest
  @Spec("PC-5")
  void aProducerOfAClosedConsumerIsStoppedAndNothingElse() {
    Sink sink = new Sink();
    sink.closed();
    sink.register(new Bare());
    sink.full();
    sink.drained();
    sink.closed();

    assertThat(trail).containsExactly("stop");
  }

  @LoopTest
  @Spec({"PC-6", "HER-103"})
  void pausesAndResumesAlternate() {
    Sink sink = new Sink();
    sink.register(new Bare());
    sink.drained();
    sink.full();
    sink.full();
    sink.drained();
    sink.drained();
    sink.full();

    assertThat(trail).containsExactly("halfRegister", "pause", "resume", "pause");
  }

  @LoopTest
  @Spec({"PC-7", "HER-104"})
  void whatAPausedProducerSendsAllTheSameIsTakenInOrder() {
    Sink sink = new Sink();
    Source source = new Source();
    sink.register(source);
    source.push("a");
    sink.full();
    source.push("b");
    sink.drained();
    source.push("c");

    assertThat(trail).containsExactly("takes a", "paused", "takes b", "resumed", "takes c");
  }

  @LoopTest
  @Spec({"PC-8", "HER-105"})
  void theCallsOfAProducerAreIdempotentAndStopIsFinal() {
    Source source = new Source();
    new Sink().register(source);
    source.pause();
    source.pause();
    source.resume();
    source.resume();
    source.stop();
    source.stop();
    source.resume();
    source.pause();

    assertThat(trail).containsExactly("paused", "resumed", "stopped");
  }

  @LoopTest
  @Spec({"PC-9", "HER-105"})
  void aConsumerThatClosesStopsItsProducerOnceAndDropsWhatComes() {
    Sink sink = new Sink();
    Source source = new Source();
    sink.register(source);
    sink.closed();
    sink.closed();
    source.push("late");

    assertThat(trail).containsExactly("stopped");
  }

  /** Sends a number each time it may, to a consumer that is full after each one. */
  @LoopTest
  @Spec("PC-10")
  void callsMayNestWithoutDeepeningTheStack() {
    int count = 100_000;
    List<Integer> depths = new ArrayList<>();
    class OneByOne extends BaseConsumer {
      @Override
      public void write(ByteBuffer data) {
        becameFull(); // inside the send of the producer
        if (data.getInt() % 10_000 == 0) {
          depths.add(new Throwable().getStackTrace().length);
        }
        becameDrained(); // and resumed there as well
      }

      @Override
      public void writeEof() {
        trail.add("eof");
      }
    }
    new OneByOne()
        .register(
            new BaseProducer() {
              private int next;

              @Override
              protected void produce() {
                if (next < count) {
                  send(ByteBuffer.allocate(4).putInt(next++).flip());
                } else {
                  finishWithEof();
                }
              }
            });

    assertThat(trail).containsExactly("eof");
    assertThat(depths).hasSize(10);
    assertThat(depths.stream().distinct()).hasSize(1);
  }

  // ---- transports

  /** Two ends of connections: `near` has the protocol under test, `far` is a channel. */
  private record Joint(TransportEnd end, Transport transport, SocketChannel far) {}

  private static Joint joint(MemoryNetwork network) throws IOException {
    MemoryNetwork.Pair pair = network.pair();
    TransportEnd end = new TransportEnd();
    Transport transport =
        getRunningLoop()
            .connectAcceptedSocket(() -> end, pair.first(), ServerOptions.DEFAULT)
            .transport();
    pair.second().configureBlocking(false);
    return new Joint(end, transport, pair.second());
  }

  @LoopTest
  @Spec("PC-11")
  void aPausedProducerIsNotHeldInTheLoop(MemoryNetwork network, LoopProbe probe)
      throws IOException {
    Joint joint = joint(network);
    Sink sink = new Sink();
    sink.register(joint.end().producer());
    sink.full();
    joint.far().write(bytes("waits"));
    probe.runUntilAllBlocked();
    assertThat(joint.transport().isReading()).isFalse();
    assertThat(trail).isEmpty();

    sink.drained();
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("takes waits");
    joint.far().close();
    joint.transport().close();
    probe.runUntilAllBlocked();
  }

  @LoopTest
  @Spec({"PC-12", "HER-51"})
  void aTransportIsAConsumerByItsWritingSide(MemoryNetwork network, LoopProbe probe)
      throws IOException {
    network.setBufferSizes(16, 16);
    Joint joint = joint(network);
    Source source = new Source();
    joint.end().consumer().register(source);
    joint.transport().setWriteBufferLimits(0, 0);
    source.push("x".repeat(100));
    assertThat(trail).containsExactly("paused");

    String taken = drain(joint.far(), 100, probe);
    assertThat(taken).isEqualTo("x".repeat(100));
    assertThat(trail).containsExactly("paused", "resumed");

    joint.transport().abort();
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("paused", "resumed", "stopped");
    joint.far().close();
  }

  @LoopTest
  @Spec("PC-12")
  void aTransportIsAProducerByItsReadingSide(MemoryNetwork network, LoopProbe probe)
      throws IOException {
    Joint joint = joint(network);
    assertThat(joint.transport().isReading()).as("before there is a consumer").isFalse();
    Sink sink = new Sink();
    sink.register(joint.end().producer());
    joint.far().write(bytes("one"));
    probe.runUntilAllBlocked();
    sink.closed(); // stop
    probe.runUntilAllBlocked();

    assertThat(trail).containsExactly("takes one");
    assertThat(joint.transport().isClosing()).isTrue();
    joint.far().close();
  }

  @LoopTest
  @Spec({"PC-13", "HER-106"})
  void twoTransportsMakeARelay(MemoryNetwork network, LoopProbe probe) throws IOException {
    network.setBufferSizes(64, 64);
    Joint left = joint(network);
    Joint right = joint(network);
    right.transport().setWriteBufferLimits(16, 64);
    right.end().consumer().register(left.end().producer());
    left.end().consumer().register(right.end().producer());

    String sent = "0123456789".repeat(1000);
    ByteBuffer data = bytes(sent);
    StringBuilder received = new StringBuilder();
    long most = 0;
    while (received.length() < sent.length()) {
      left.far().write(data);
      probe.runUntilAllBlocked();
      most = Math.max(most, right.transport().getWriteBufferSize());
      received.append(drain(right.far(), 10, probe));
    }
    assertThat(received).hasToString(sent);
    int oneRead = 64 + 64; // what the network held back comes with it
    assertThat(most).as("the high mark and one read").isLessThanOrEqualTo(64 + oneRead);

    left.far().shutdownOutput();
    probe.runUntilAllBlocked();
    assertThat(right.far().read(ByteBuffer.allocate(1))).as("the end-of-file").isEqualTo(-1);
    right.far().write(bytes("back"));
    assertThat(drain(left.far(), 4, probe)).isEqualTo("back");
    right.far().close();
    probe.runUntilAllBlocked();
    assertThat(left.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(List.of(left.transport().isClosing(), right.transport().isClosing()))
        .containsOnly(true);
    left.far().close();
  }

  /** Reads until there are so many bytes, letting the loop run in between. */
  private static String drain(SocketChannel channel, int count, LoopProbe probe)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    for (int idle = 0; buffer.hasRemaining() && idle < 3; ) {
      idle = channel.read(buffer) > 0 ? 0 : idle + 1;
      probe.runUntilAllBlocked();
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  // ---- the rest

  @LoopTest
  @Spec("PC-14")
  void whatAProducerThrowsIsReportedAndDisturbsNothing(EventLoop loop) {
    List<String> reports = new ArrayList<>();
    loop.setExceptionHandler(
        (_, context) -> reports.add(context.message() + " " + context.get(ErrorContext.EXCEPTION)));
    Sink sink = new Sink();
    sink.register(
        new Bare() {
          @Override
          public void pause() {
            throw new IllegalArgumentException("pause");
          }

          @Override
          public void resume() {
            throw new IllegalArgumentException("resume");
          }

          @Override
          public void stop() {
            throw new IllegalArgumentException("stop");
          }
        });
    sink.full();
    sink.drained();
    sink.closed();

    assertThat(reports)
        .containsExactly(
            "producer.pause() failed java.lang.IllegalArgumentException: pause",
            "producer.resume() failed java.lang.IllegalArgumentException: resume",
            "producer.stop() failed java.lang.IllegalArgumentException: stop");
  }

  @LoopTest
  @Spec({"PC-15", "HER-102"})
  void aProducerThatWasUnregisteredHearsNothingMoreAndAnotherMayCome() {
    Sink sink = new Sink();
    sink.register(new Bare());
    sink.unregister();
    sink.full();
    Source second = new Source();
    sink.drained();
    sink.register(second);
    second.push("a");
    second.end();
    assertThat(sink.isFree()).as("one that has finished leaves").isTrue();
    sink.register(new Bare());

    assertThat(trail).containsExactly("halfRegister", "takes a", "halfRegister");
  }
}
