package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each task schedules its own thread and no other; threads that code in a task starts belong to the
 * JDK.
 */
class Rule01SchedulerPerTaskTest {

  /**
   * Reads from a socket in a task, which starts the JDK's poller threads, then, without any loop,
   * in a virtual thread.
   */
  static final class ReadsAfterTheLoopIsClosed {
    public static void main(String[] args) throws Exception {
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
      loop.runUntilComplete(() -> System.out.println("task read " + blockingRead()));
      loop.close();
      LinkedBlockingQueue<String> results = new LinkedBlockingQueue<>();
      Thread.startVirtualThread(() -> results.add("virtual thread read " + blockingRead()));
      System.out.println(results.poll(10, TimeUnit.SECONDS));
      System.exit(0); // the reader may hang
    }

    /** A read that has to wait: the byte is sent once the reader is off its carrier. */
    static int blockingRead() {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
          Socket accepted = server.accept()) {
        Thread reader = Thread.currentThread();
        Thread.ofPlatform()
            .start(() -> {
              while (reader.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
              }
              try {
                accepted.getOutputStream().write(42);
              } catch (IOException e) {
                e.printStackTrace();
              }
            });
        return client.getInputStream().read();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @ParameterizedTest(name = "poller mode {0}")
  @ValueSource(strings = {"1", "2"})
  void theJdksOwnThreadsDoNotLiveOnALoop(String pollerMode) {
    var result =
        ForkedJvm.of(ReadsAfterTheLoopIsClosed.class)
            .withFlags("-Djdk.pollerMode=" + pollerMode)
            .run();

    assertThat(result.lines()).containsExactly("task read 42", "virtual thread read 42");
  }

  @Test
  void aThreadStartedInATaskRunsOnTheJdksScheduler() throws Exception {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch loopIsClosed = new CountDownLatch(1);
    List<Thread> started = new ArrayList<>();

    Loops.runDirect(() -> {
      Thread foreign =
          Thread.startVirtualThread(() -> {
            trail.add(carrierOf(Thread.currentThread()));
            awaitUninterruptibly(loopIsClosed);
            trail.add(carrierOf(Thread.currentThread()));
          });
      started.add(foreign);
      trail.add("task on " + carrierOf(Thread.currentThread()));
    });
    loopIsClosed.countDown();
    started.getFirst().join(10_000);

    assertThat(trail).contains("task on " + Thread.currentThread().getName());
    assertThat(trail).filteredOn(line -> line.startsWith("ForkJoinPool-")).hasSize(2);
  }

  @Test
  void aThreadStartedByAThreadStartedInATaskRunsThereToo() throws Exception {
    LinkedBlockingQueue<String> carriers = new LinkedBlockingQueue<>();

    Loops.runDirect(() ->
        Thread.startVirtualThread(() ->
                Thread.startVirtualThread(() -> carriers.add(carrierOf(Thread.currentThread()))))
            .join());

    assertThat(carriers.poll(10, TimeUnit.SECONDS)).startsWith("ForkJoinPool-");
  }

  @Test
  void libraryCallsInSuchAThreadThrow() throws Exception {
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());

    Loops.runDirect(() ->
        Thread.startVirtualThread(
                () -> {
                  thrown.add(Loops.thrownBy(() -> sleep(millis(1))));
                  thrown.add(Loops.thrownBy(() -> getRunningLoop()));
                  thrown.add(Loops.thrownBy(() -> createTask(() -> {})));
                })
            .join());

    assertThat(thrown).hasSize(3).allMatch(t -> t instanceof IllegalStateException);
    assertThat(thrown.getFirst())
        .hasMessageContaining("must be called from a task")
        .hasMessageContaining("createTask");
  }

  // ---- which engine

  static final class SaysItsEngine {
    public static void main(String[] args) throws Exception {
      System.out.println(Engine.preferred() + " " + Engine.DIRECT.isAvailable());
      if (!Engine.DIRECT.isAvailable()) {
        System.out.println(
            Loops.thrownBy(() -> LoopKind.preferred().newLoop(Engine.DIRECT)).getMessage());
      }
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.runUntilComplete(() -> sleep(millis(1)));
      loop.close();
      System.out.println("ran on " + loop.engine());
    }
  }

  @ParameterizedTest(name = "module path: {0}")
  @ValueSource(booleans = {false, true})
  void withoutTheFlagThePortableEngineIsTakenAndTheOtherSaysWhy(boolean modulePath) {
    ForkedJvm jvm = ForkedJvm.of(SaysItsEngine.class).withoutOpens();
    var result = (modulePath ? jvm.onModulePath() : jvm).run();

    assertThat(result.lines()).hasSize(3).startsWith("PORTABLE false").endsWith("ran on PORTABLE");
    assertThat(result.lines().get(1))
        .contains("the direct engine is not available")
        .contains("--add-opens java.base/java.lang=asyncio");
  }

  @ParameterizedTest(name = "module path: {0}")
  @ValueSource(booleans = {false, true})
  void withTheFlagTheDirectEngineIsTaken(boolean modulePath) {
    ForkedJvm jvm = ForkedJvm.of(SaysItsEngine.class);
    var result = (modulePath ? jvm.onModulePath() : jvm).run();

    assertThat(result.lines()).containsExactly("DIRECT true", "ran on DIRECT");
  }

  @Test
  void thePropertyForcesAnEngine() {
    var result = ForkedJvm.of(SaysItsEngine.class).withFlags("-Dasyncio.engine=portable").run();

    assertThat(result.lines()).containsExactly("PORTABLE true", "ran on PORTABLE");
  }

  @Test
  void anUnknownEngineIsRefused() {
    var result = ForkedJvm.of(SaysItsEngine.class).withFlags("-Dasyncio.engine=fast").run();

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("-Dasyncio.engine=fast: say 'direct' or 'portable'");
  }

  /** The name of the thread that carries {@code thread}, which is running. */
  private static String carrierOf(Thread thread) {
    String text = thread.toString();
    return text.substring(text.indexOf('@') + 1);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
