package asyncio.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.LoopKind;
import asyncio.internal.epoll.EpollPoller;
import asyncio.internal.loop.IoPoller.Registration;
import asyncio.internal.nio.SelectorPoller;
import java.io.File;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link IoPoller} of this library promises. */
class PollerTest {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  private final List<String> trail = new ArrayList<>();

  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "{0}")
  @EnumSource(LoopKind.class)
  @interface EachKind {}

  private static IoPoller open(LoopKind kind) {
    assumeTrue(kind.isAvailable(), kind.unavailableBecause());
    return switch (kind) {
      case SELECTOR -> new SelectorPoller(SelectorProvider.provider());
      case EPOLL -> new EpollPoller();
    };
  }

  private final class Recorder implements IoPoller.Listener {
    private final String name;
    private final boolean shared;

    Recorder(String name, boolean shared) {
      this.name = name;
      this.shared = shared;
    }

    @Override
    public void ready(int operations) {
      trail.add(
          name
              + ((operations & IoPoller.READ) != 0 ? " read" : "")
              + ((operations & IoPoller.WRITE) != 0 ? " write" : ""));
    }

    @Override
    public void closedBehind() {
      trail.add(name + " closed behind");
    }

    @Override
    public void loopClosed() {
      trail.add(name + " loop closed");
    }

    @Override
    public boolean sharesChannel() {
      return shared;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Recorder recorder(String name) {
    return new Recorder(name, false);
  }

  private static Pipe pipe() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    return pipe;
  }

  private static void write(Pipe pipe) throws IOException {
    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
  }

  private static void close(Pipe pipe) throws IOException {
    pipe.source().close();
    pipe.sink().close();
  }

  /** Polls until somebody was told something. */
  private List<String> pollUntilTold(IoPoller poller) {
    trail.clear();
    long start = System.nanoTime();
    while (trail.isEmpty() && System.nanoTime() - start < LIMIT_NANOS) {
      poller.poll(LIMIT_NANOS);
    }
    return List.copyOf(trail);
  }

  @EachKind
  void readinessIsALevelForWhatWasAskedFor(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe pipe = pipe();
    pipe.sink().configureBlocking(false);
    Registration source = poller.register(pipe.source(), recorder("source"));
    Registration sink = poller.register(pipe.sink(), recorder("sink"));
    write(pipe);
    poller.poll(0);
    assertThat(trail).as("nothing was asked for").isEmpty();

    source.setInterest(IoPoller.READ | IoPoller.WRITE); // it cannot be written to
    assertThat(pollUntilTold(poller)).containsExactly("source read");
    assertThat(pollUntilTold(poller)).containsExactly("source read");
    sink.setInterest(IoPoller.WRITE);
    source.setInterest(0);
    assertThat(pollUntilTold(poller)).containsExactly("sink write");
    poller.close();
    close(pipe);
  }

  @EachKind
  void whoIsReleasedHearsNothingUnlessItComesBack(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe pipe = pipe();
    Registration place = poller.register(pipe.source(), recorder("first"));
    place.setInterest(IoPoller.READ);
    write(pipe);
    pollUntilTold(poller);

    place.release();
    assertThat(poller.find(pipe.source())).isNull();
    assertThat(poller.place(pipe.source())).isSameAs(place);
    place.setInterest(IoPoller.READ);
    assertThat(poller.find(pipe.source())).isSameAs(place);
    assertThat(pollUntilTold(poller)).containsExactly("first read");

    place.release();
    trail.clear();
    poller.poll(0);
    assertThat(trail).isEmpty();
    assertThat(poller.place(pipe.source())).isNull();
    place.setInterest(IoPoller.READ); // too late
    poller.poll(0);
    assertThat(trail).isEmpty();
    poller.close();
    close(pipe);
  }

  @EachKind
  void aReleasedPlaceIsTakenOverWithItsChannel(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe pipe = pipe();
    Registration first = poller.register(pipe.source(), recorder("first"));
    first.setInterest(IoPoller.READ);
    write(pipe);
    pollUntilTold(poller);
    first.release();
    Registration second = poller.register(pipe.source(), recorder("second"));
    trail.clear();
    poller.poll(0);
    assertThat(trail).as("the second has asked for nothing yet").isEmpty();
    second.setInterest(IoPoller.READ);
    first.setInterest(IoPoller.READ);
    first.release();
    assertThat(pollUntilTold(poller)).containsExactly("second read");
    assertThat(poller.find(pipe.source())).isSameAs(second);
    poller.close();
    close(pipe);
  }

  @EachKind
  void refusesWhatItCannotWaitFor(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe pipe = pipe();
    poller.register(pipe.source(), recorder("first"));
    assertThatThrownBy(() -> poller.register(pipe.source(), recorder("second")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in use already, by first");
    assertThatThrownBy(() -> poller.register(pipe.sink(), recorder("sink")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blocking mode");
    try (var file = FileChannel.open(Path.of("pom.xml"))) {
      assertThatThrownBy(() -> poller.register(file, recorder("file")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("use a SelectableChannel");
    }
    Pipe closed = pipe();
    close(closed);
    assertThatThrownBy(() -> poller.register(closed.source(), recorder("closed")))
        .isInstanceOf(ClosedChannelException.class);
    poller.close();
    close(pipe);
  }

  /** A new channel gets the number of the one closed last, mostly. */
  @EachKind
  void newChannelsHearNothingOfClosedOnesWithTheirNumbers(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe before = null;
    for (int i = 0; i < 100; i++) {
      Pipe pipe = pipe();
      Registration place = poller.register(pipe.source(), new Recorder("pipe " + i, true));
      place.setInterest(IoPoller.READ);
      if (i % 3 != 0) {
        write(pipe);
        assertThat(pollUntilTold(poller)).contains("pipe " + i + " read");
      }
      trail.clear();
      poller.poll(0);
      assertThat(trail).isEqualTo(i % 3 == 0 ? List.of() : List.of("pipe " + i + " read"));
      if (i % 2 == 0) {
        place.release();
        close(pipe);
      } else {
        close(pipe);
        assertThat(pollUntilTold(poller)).containsExactly("pipe " + i + " closed behind");
      }
      before = pipe;
    }
    assertThat(poller.find(before.source())).isNull();
    poller.close();
  }

  @EachKind
  void closedChannelsAreToldEvenIfTheirNumberIsTakenAtOnce(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    Pipe first = pipe();
    poller.register(first.source(), new Recorder("first", true)).setInterest(IoPoller.READ);
    poller.poll(0);
    close(first);
    Pipe second = pipe();
    poller.register(second.source(), new Recorder("second", true)).setInterest(IoPoller.READ);
    write(second);
    List<String> told = new ArrayList<>(pollUntilTold(poller));
    if (told.size() < 2) {
      told.addAll(pollUntilTold(poller));
    }
    assertThat(told).containsExactlyInAnyOrder("first closed behind", "second read");
    poller.close();
    close(second);
  }

  /** More of them than a search for closed ones looks at in one go. */
  @EachKind
  void oneOfManySharedChannelsThatWasClosedIsFoundBeforeALongWait(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    List<Pipe> pipes = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      Pipe pipe = pipe();
      pipes.add(pipe);
      poller.register(pipe.source(), new Recorder("pipe " + i, true)).setInterest(IoPoller.READ);
    }
    poller.poll(0);
    close(pipes.get(1499));
    close(pipes.get(700));
    List<String> told = new ArrayList<>(pollUntilTold(poller));
    if (told.size() < 2) {
      told.addAll(pollUntilTold(poller));
    }
    assertThat(told).containsExactlyInAnyOrder("pipe 1499 closed behind", "pipe 700 closed behind");
    poller.close();
    for (Pipe pipe : pipes) {
      close(pipe);
    }
  }

  @EachKind
  void wakeUpsCountBeforeDuringAndAfterAWait(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    poller.wakeUp();
    poller.poll(Long.MAX_VALUE);
    var polled = new CountDownLatch(200);
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              while (polled.getCount() > 0) {
                poller.wakeUp();
                Thread.yield();
              }
            });
    while (polled.getCount() > 0) {
      poller.poll(Long.MAX_VALUE);
      polled.countDown();
    }
    other.join();
    poller.close();
    poller.wakeUp();
  }

  /** Loops of the portable engine run on virtual threads, maybe more of them than processors. */
  @EachKind
  void virtualThreadsThatWaitHoldNobodyUp(LoopKind kind) throws Exception {
    int count = Runtime.getRuntime().availableProcessors() + 1;
    List<IoPoller> pollers = new ArrayList<>();
    List<Thread> waiting = new ArrayList<>();
    var begun = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      IoPoller poller = open(kind);
      pollers.add(poller);
      waiting.add(
          Thread.startVirtualThread(() -> {
            begun.countDown();
            poller.poll(Long.MAX_VALUE);
          }));
    }
    begun.await();
    Thread.startVirtualThread(() -> pollers.forEach(IoPoller::wakeUp)).join();
    for (Thread thread : waiting) {
      thread.join();
    }
    pollers.forEach(IoPoller::close);
  }

  @EachKind
  void timeLimitEndsAWaitAndNotMuchEarlier(LoopKind kind) {
    IoPoller poller = open(kind);
    long start = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      poller.poll(30_000_000); // one may return early
    }
    assertThat(System.nanoTime() - start).isGreaterThan(30_000_000);
    poller.close();
  }

  @EachKind
  void endOfAConnectIsToldAsWriteReadiness(LoopKind kind) throws Exception {
    IoPoller poller = open(kind);
    try (var server = ServerSocketChannel.open();
        var client = SocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      server.configureBlocking(false);
      client.configureBlocking(false);
      poller.register(server, recorder("server")).setInterest(IoPoller.READ | IoPoller.WRITE);
      Registration place = poller.register(client, recorder("client"));
      place.setInterest(IoPoller.WRITE);
      assertThat(pollUntilTold(poller)).as("who tries hears why").containsExactly("client write");

      place.setInterest(0);
      client.connect(server.getLocalAddress());
      place.setInterest(IoPoller.WRITE);
      Set<String> told = new HashSet<>();
      for (int i = 0; i < 1000 && told.size() < 2; i++) {
        told.addAll(pollUntilTold(poller));
      }
      assertThat(told).containsExactlyInAnyOrder("client write", "server read");
      client.finishConnect();
      assertThat(pollUntilTold(poller)).contains("client write");
    }
    poller.close();
  }

  @EachKind
  void closeTellsThoseThatAreInAndFreesEveryDescriptor(LoopKind kind) throws Exception {
    IoPoller warmUp = open(kind);
    warmUp.close();
    File folder = new File("/proc/self/fd");
    assumeTrue(folder.isDirectory(), "the system does not show descriptors");
    Pipe pipe = pipe();
    Pipe left = pipe();
    int before = folder.list().length;
    IoPoller poller = open(kind);
    poller.register(pipe.source(), recorder("in")).setInterest(IoPoller.READ);
    Registration place = poller.register(left.source(), recorder("left"));
    place.setInterest(IoPoller.READ);
    poller.poll(0);
    place.release();
    poller.wakeUp();
    poller.close();
    assertThat(trail).containsExactly("in loop closed");
    assertThat(folder.list()).hasSize(before);
    close(pipe);
    close(left);
  }
}
