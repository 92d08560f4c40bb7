package asyncio.resolver;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.RunOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who makes a look-up, and what becomes of its outcome and of interrupts. */
class SuspendingResolverTest {
  private static final LookupPolicy BOTH = LookupPolicy.of(LookupPolicy.IPV4 | LookupPolicy.IPV6);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final SuspendingResolver held = new SuspendingResolver(new HeldNames.Slow());
  private final String name = "n" + COUNT.incrementAndGet() + ".held.test";

  /** Says which thread it was asked on. */
  private record Asked(List<Thread> threads) implements InetAddressResolver {
    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) {
      threads.add(Thread.currentThread());
      return Stream.of(InetAddress.getLoopbackAddress());
    }

    @Override
    public String lookupByAddress(byte[] address) {
      threads.add(Thread.currentThread());
      return "a name";
    }
  }

  private static void onVirtualThread(Runnable body) throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            body.run();
            end.complete(null);
          } catch (Throwable t) {
            end.completeExceptionally(t);
          }
        });
    end.get();
  }

  private static void onLoop(Engine engine, asyncio.Action main) {
    Asyncio.run(
        main, RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine)));
  }

  @Test
  void virtualThreadsAreServedByDaemonThreadsAndPlatformThreadsServeThemselves() throws Exception {
    List<Thread> threads = new ArrayList<>();
    var resolver = new SuspendingResolver(new Asked(threads));
    onVirtualThread(() -> {
      try {
        assertThat(resolver.lookupByName("host", BOTH))
            .containsExactly(InetAddress.getLoopbackAddress());
        assertThat(resolver.lookupByAddress(new byte[4])).isEqualTo("a name");
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    });
    assertThat(threads)
        .hasSize(2)
        .allSatisfy(thread -> {
          assertThat(thread.getName()).startsWith("asyncio-resolver-");
          assertThat(thread.isDaemon()).isTrue();
          assertThat(thread.isVirtual()).isFalse();
        });

    threads.clear();
    resolver.lookupByName("host", BOTH);
    resolver.lookupByAddress(new byte[4]);
    assertThat(threads).containsOnly(Thread.currentThread()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void taskGetsTheOutcomeOnBothEngines(Engine engine) {
    onLoop(
        engine,
        () -> {
          HeldNames.release(name);
          assertThat(held.lookupByName(name, BOTH))
              .extracting(InetAddress::getHostAddress)
              .containsExactly("192.0.2.1");
          assertThatThrownBy(() -> held.lookupByName("no.such.test", BOTH))
              .isInstanceOf(UnknownHostException.class)
              .hasMessage("no.such.test");
        });
  }

  @Test
  void otherTasksRunWhileOneLooksUp() {
    List<String> trail = new ArrayList<>();
    onLoop(
        Engine.DIRECT,
        () -> {
          var task =
              createTask(() -> {
                trail.add("asks");
                held.lookupByName(name, BOTH);
                trail.add("knows");
              });
          sleep(millis(0));
          HeldNames.awaitAsked(name);
          trail.add("another runs");
          HeldNames.release(name);
          await(task);
        });
    assertThat(trail).containsExactly("asks", "another runs", "knows");
  }

  @Test
  void cancelledTaskGetsCancelledErrorAtOnce() {
    List<String> trail = new ArrayList<>();
    onLoop(
        Engine.DIRECT,
        () -> {
          var task =
              createTask(() -> {
                try {
                  held.lookupByName(name, BOTH);
                } catch (CancelledError e) {
                  trail.add("cancelled: " + e.getMessage());
                  assertThat(e).hasCauseInstanceOf(InterruptedException.class);
                  assertThat(Thread.currentThread().isInterrupted()).isFalse();
                  throw e;
                }
              });
          sleep(millis(0));
          HeldNames.awaitAsked(name);
          task.cancel("enough");
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("cancelled: enough");
        });
    HeldNames.release(name);
  }

  @Test
  void anInterruptThatIsNoCancellationDoesNotEndTheLookUp() throws Exception {
    onVirtualThread(() -> {
      Thread asker = Thread.currentThread();
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              HeldNames.awaitAsked(name);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            asker.interrupt();
            HeldNames.release(name);
          });
      try {
        assertThat(held.lookupByName(name, BOTH)).hasSize(1);
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
      assertThat(Thread.currentThread().isInterrupted()).as("the flag stays set").isTrue();
    });
  }

  @Test
  void failureThatIsNoUnknownHostPasses() throws Exception {
    var failure = new IllegalStateException("from the system");
    var resolver =
        new SuspendingResolver(
            new InetAddressResolver() {
              @Override
              public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) {
                throw failure;
              }

              @Override
              public String lookupByAddress(byte[] address) {
                throw new NoSuchMethodError("from the system");
              }
            });
    onVirtualThread(() -> {
      assertThatThrownBy(() -> resolver.lookupByName("host", BOTH)).isSameAs(failure);
      assertThatThrownBy(() -> resolver.lookupByAddress(new byte[4]))
          .isInstanceOf(NoSuchMethodError.class);
    });
  }
}
