package asyncio.conformance;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.EpollEventLoop;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.SelectorEventLoop;
import asyncio.conformance.engine.ForkedJvm;
import asyncio.testkit.MemoryNetwork;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HER: which loop a program gets, and how it says so. */
class LoopKindTest {

  static final class SaysItsLoop {
    private SaysItsLoop() {}

    public static void main(String[] args) {
      System.out.println("available: " + LoopKind.EPOLL.isAvailable());
      System.out.println("because: " + LoopKind.EPOLL.unavailableBecause());
      try {
        run(() -> System.out.println("runs on " + getRunningLoop().getClass().getSimpleName()));
      } catch (UnsupportedOperationException | IllegalArgumentException e) {
        System.out.println(e);
      }
    }
  }

  private static String lastLineOf(ForkedJvm jvm) {
    var result = jvm.run();
    assertThat(result.err().replaceAll("(?m)^.*EngineNote.*$|^INFO: .*$", "").strip()).isEmpty();
    return result.lines().getLast();
  }

  @Test
  @Spec("HER-86")
  void theDefaultIsTheSelectorLoopOfEverySystem() {
    assertThat(lastLineOf(ForkedJvm.of(SaysItsLoop.class))).isEqualTo("runs on SelectorEventLoop");
    assertThat(lastLineOf(ForkedJvm.of(SaysItsLoop.class).onModulePath().withoutOpens()))
        .isEqualTo("runs on SelectorEventLoop");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"selector, SelectorEventLoop", "epoll, EpollEventLoop"})
  @Spec("HER-86")
  @EnabledOnOs(OS.LINUX)
  void aPropertyChooses(String value, String loop) {
    assertThat(
            lastLineOf(
                ForkedJvm.of(SaysItsLoop.class)
                    .onModulePath()
                    .withFlags("--enable-native-access=asyncio", "-Dasyncio.loop=" + value)))
        .isEqualTo("runs on " + loop);
  }

  @Test
  @Spec("HER-86")
  void anotherValueOfThePropertyIsRefused() {
    assertThat(lastLineOf(ForkedJvm.of(SaysItsLoop.class).withFlags("-Dasyncio.loop=kqueue")))
        .isEqualTo(
            "java.lang.IllegalArgumentException: -Dasyncio.loop=kqueue: "
                + "say 'selector' or 'epoll', or leave the property out");
  }

  @Test
  @Spec("HER-86")
  void aProgramChoosesInOneLine() {
    assumeTrue(LoopKind.EPOLL.isAvailable(), LoopKind.EPOLL.unavailableBecause());
    EventLoop epoll =
        run(Asyncio::getRunningLoop, RunOptions.DEFAULT.withLoopFactory(EpollEventLoop::new));
    assertThat(epoll).isExactlyInstanceOf(EpollEventLoop.class);
    EventLoop selector =
        run(Asyncio::getRunningLoop, RunOptions.DEFAULT.withLoopFactory(SelectorEventLoop::new));
    assertThat(selector).isExactlyInstanceOf(SelectorEventLoop.class);
  }

  @ParameterizedTest(name = "module path: {0}")
  @ValueSource(booleans = {false, true})
  @Spec("HER-87")
  @EnabledOnOs(OS.LINUX)
  void theErrorNamesTheFlagForNativeAccess(boolean modulePath) {
    ForkedJvm jvm = ForkedJvm.of(SaysItsLoop.class).withFlags("-Dasyncio.loop=epoll");
    assertThat(lastLineOf(modulePath ? jvm.onModulePath() : jvm))
        .startsWith("java.lang.UnsupportedOperationException: ")
        .endsWith("--enable-native-access=" + (modulePath ? "asyncio" : "ALL-UNNAMED"));
  }

  @ParameterizedTest(name = "module path: {0}")
  @ValueSource(booleans = {false, true})
  @Spec("HER-87")
  @EnabledOnOs(OS.LINUX)
  void theErrorNamesTheFlagForDescriptors(boolean modulePath) {
    String name = modulePath ? "asyncio" : "ALL-UNNAMED";
    ForkedJvm jvm =
        ForkedJvm.of(SaysItsLoop.class)
            .withoutOpens()
            .withFlags("-Dasyncio.loop=epoll", "--enable-native-access=" + name);
    assertThat(lastLineOf(modulePath ? jvm.onModulePath() : jvm))
        .startsWith("java.lang.UnsupportedOperationException: ")
        .contains("--add-opens java.base/java.lang=" + name + " ");
  }

  @Test
  @Spec("HER-87")
  @EnabledOnOs(OS.LINUX)
  void anotherSystemHasNoEpoll() {
    var flags = new String[] {"-Dasyncio.loop=epoll", "-Dos.name=Plan 9"};
    assertThat(lastLineOf(ForkedJvm.of(SaysItsLoop.class).withFlags(flags)))
        .endsWith("epoll is Linux's, and this is Plan 9; use the loop 'selector'");
  }

  /** The one thing that a loop of descriptors lacks. */
  @EachEngine
  @Spec("HER-87")
  void channelsWithoutDescriptorsAreRefused(Engine engine) throws Exception {
    assumeTrue(LoopKind.EPOLL.isAvailable(), LoopKind.EPOLL.unavailableBecause());
    EventLoop loop = new EpollEventLoop(engine);
    try (SocketChannel inMemory = new MemoryNetwork().openSocketChannel()) {
      inMemory.configureBlocking(false);
      assertThatThrownBy(() -> loop.addReader(inMemory, () -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has descriptors")
          .hasMessageContaining("use a SelectorEventLoop");
    } finally {
      loop.close();
    }
  }
}
