package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a loop asks of its poller, seen by one that has no selector behind it. */
class FakePollerTest {
  private final List<String> calls = new ArrayList<>();
  private final FakePoller poller = new FakePoller();
  private final SelectorEventLoop loop = new SelectorEventLoop(Engine.PORTABLE, poller);
  private final List<String> trail = new ArrayList<>();

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  private final class FakePoller implements IoPoller {
    final Map<Channel, Place> places = new IdentityHashMap<>();

    /** What the next polls find, one entry each. */
    final List<Runnable> events = new ArrayList<>();

    private final class Place implements Registration {
      final Channel channel;
      final Listener listener;

      Place(Channel channel, Listener listener) {
        this.channel = channel;
        this.listener = listener;
      }

      @Override
      public Listener listener() {
        return listener;
      }

      @Override
      public void setInterest(int operations) {
        calls.add("interest " + operations);
      }

      @Override
      public void release() {
        calls.add("release");
        places.remove(channel);
      }
    }

    @Override
    public Registration register(Channel channel, Listener listener) throws IOException {
      if (!channel.isOpen()) {
        throw new IOException("closed");
      }
      calls.add("register");
      Place place = new Place(channel, listener);
      places.put(channel, place);
      return place;
    }

    @Override
    public @Nullable Registration find(Channel channel) {
      return places.get(channel);
    }

    @Override
    public void poll(long timeoutNanos) {
      calls.add("poll " + timeoutNanos);
      if (!events.isEmpty()) {
        events.removeFirst().run();
      }
    }

    @Override
    public void wakeUp() {
      calls.add("wake up");
    }

    @Override
    public void flush() {
      calls.add("flush");
    }

    @Override
    public void close() {
      calls.add("close");
    }

    void ready(Channel channel, int operations) {
      places.get(channel).listener.ready(operations);
    }
  }

  private void runOnce() {
    loop.stop();
    loop.runForever();
  }

  @Test
  void runPollsOnceAnIterationAndFlushesAtItsEnd() {
    loop.callSoon(() -> loop.callSoon(loop::stop));
    loop.runForever();
    assertThat(calls).containsExactly("poll 0", "poll 0", "flush");
    loop.close();
    loop.close();
    assertThat(calls).containsExactly("poll 0", "poll 0", "flush", "close");
  }

  @Test
  void foreignThreadWakesThePollerOncePerBatch() throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              loop.callSoonThreadsafe(() -> trail.add("1"));
              loop.callSoonThreadsafe(() -> trail.add("2"));
            });
    thread.join();
    assertThat(calls).containsExactly("wake up");
    runOnce();
    assertThat(trail).containsExactly("1", "2");
  }

  @Test
  void interestFollowsTheCallbacks() throws IOException {
    try (var channel = DatagramChannel.open()) {
      loop.addReader(channel, () -> {});
      loop.addWriter(channel, () -> {});
      loop.addReader(channel, () -> {});
      loop.removeReader(channel);
      loop.removeReader(channel);
      loop.removeWriter(channel);
      assertThat(calls)
          .containsExactly(
              "register", "interest 1", "interest 3", "interest 3", "interest 2", "release");
    }
  }

  @Test
  void readyCallbacksAreQueuedByThePollAndRunAfterIt() throws IOException {
    try (var channel = DatagramChannel.open()) {
      loop.addReader(channel, () -> trail.add("reader"));
      loop.addWriter(channel, () -> trail.add("writer"));
      poller.events.add(() -> {
        poller.ready(channel, IoPoller.READ | IoPoller.WRITE);
        trail.add("poll ends");
      });
      loop.callSoon(() -> trail.add("ready before"));
      runOnce();
      assertThat(trail).containsExactly("poll ends", "ready before", "reader", "writer");
    }
  }

  @Test
  void whatAnotherThreadQueuesDuringThePollGoesBeforeItsEvents() throws IOException {
    try (var channel = DatagramChannel.open()) {
      loop.addReader(channel, () -> trail.add("reader"));
      poller.events.add(() -> {
        Thread other =
            Thread.ofPlatform()
                .start(() -> loop.callSoonThreadsafe(() -> trail.add("other thread")));
        join(other);
        poller.ready(channel, IoPoller.READ);
      });
      runOnce();
      assertThat(trail).containsExactly("other thread", "reader");
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void callbackOfAChannelClosedEarlierInTheIterationWaitsForThePollersWord() throws IOException {
    try (var channel = DatagramChannel.open()) {
      loop.addReader(channel, () -> trail.add("reader"));
      poller.events.add(() -> poller.ready(channel, IoPoller.READ));
      poller.events.add(() -> poller.places.get(channel).listener.closedBehind());
      loop.callSoon(() -> close(channel));
      runOnce();
      assertThat(trail).isEmpty();
      runOnce();
      assertThat(trail).containsExactly("reader");
    }
  }

  private static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void channelOfATransportIsLeftAlone() throws IOException {
    try (var channel = DatagramChannel.open()) {
      poller.register(
          channel,
          new IoPoller.Listener() {
            @Override
            public void ready(int operations) {}

            @Override
            public void closedBehind() {}
          });
      assertThatThrownBy(() -> loop.addReader(channel, () -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("used by transport");
      assertThat(loop.removeReader(channel)).isFalse();
    }
  }
}
