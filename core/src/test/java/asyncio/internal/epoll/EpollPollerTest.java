package asyncio.internal.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.LoopKind;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.vthread.JdkInternals;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is special about waiting for descriptors, which are numbers. */
class EpollPollerTest {
  private final List<String> trail = new ArrayList<>();

  @BeforeEach
  void needsEpoll() {
    assumeTrue(LoopKind.EPOLL.isAvailable(), LoopKind.EPOLL.unavailableBecause());
  }

  private IoPoller.Listener recorder(String name) {
    return new IoPoller.Listener() {
      @Override
      public void ready(int operations) {
        trail.add(name + " ready");
      }

      @Override
      public void closedBehind() {
        trail.add(name + " closed behind");
      }
    };
  }

  private static Pipe pipe() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    return pipe;
  }

  /** A child that is being started has copies of all descriptors for a moment. */
  @SuppressWarnings("restricted")
  private static int copyOf(Pipe pipe) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle dup =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("dup"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    return (int) dup.invokeExact(JdkInternals.descriptorOf(pipe.source()));
  }

  @Test
  void entryOfAClosedChannelThatSomebodyHasACopyOfKeepsNobodyAwake() throws Throwable {
    var poller = new EpollPoller();
    Pipe other = pipe();
    poller.register(other.source(), recorder("other")).setInterest(IoPoller.READ);
    Pipe pipe = pipe();
    var place = poller.register(pipe.source(), recorder("closed"));
    place.setInterest(IoPoller.READ);
    poller.poll(0);
    int copy = copyOf(pipe);
    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    place.release();
    pipe.source().close();

    Pipe successor = pipe(); // it has the same number, unless another thread was faster
    poller.register(successor.source(), recorder("successor")).setInterest(IoPoller.READ);
    poller.poll(0); // finds the event of the entry that nobody can name any more
    long start = System.nanoTime();
    poller.poll(30_000_000);
    assertThat(System.nanoTime() - start).as("it waits").isGreaterThan(20_000_000);
    assertThat(trail).isEmpty();

    successor.sink().write(ByteBuffer.wrap(new byte[1]));
    other.sink().write(ByteBuffer.wrap(new byte[1]));
    poller.poll(0);
    assertThat(trail).containsExactlyInAnyOrder("successor ready", "other ready");
    Libc.close(copy);
    poller.close();
    for (Pipe each : List.of(other, pipe, successor)) {
      each.source().close();
      each.sink().close();
    }
  }

  @Test
  void moreEventsThanTheBufferHoldsComeInTheNextPolls() throws Exception {
    var poller = new EpollPoller();
    List<Pipe> pipes = new ArrayList<>();
    for (int i = 0; i < EventBuffer.CAPACITY + 10; i++) {
      Pipe pipe = pipe();
      pipes.add(pipe);
      pipe.sink().write(ByteBuffer.wrap(new byte[1]));
      poller.register(pipe.source(), recorder("pipe " + i)).setInterest(IoPoller.READ);
    }
    poller.poll(0);
    assertThat(trail).hasSize(EventBuffer.CAPACITY);
    poller.poll(0);
    assertThat(trail.stream().distinct()).hasSize(EventBuffer.CAPACITY + 10);
    poller.close();
    for (Pipe pipe : pipes) {
      pipe.source().close();
      pipe.sink().close();
    }
  }
}
