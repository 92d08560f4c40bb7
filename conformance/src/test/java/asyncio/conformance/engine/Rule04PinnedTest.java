package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Suspending where the thread cannot be taken off its carrier throws, and the loop goes on. */
class Rule04PinnedTest {

  /** What the initialisers below run; the class of one runs once only. */
  private static Runnable inInitializer = () -> {};

  static final class Initializer1 {
    static {
      inInitializer.run();
    }

    static void touch() {}
  }

  static final class Initializer2 {
    static {
      inInitializer.run();
    }

    static void touch() {}
  }

  static final class Initializer3 {
    static {
      inInitializer.run();
    }

    static void touch() {}
  }

  static final class Initializer4 {
    static {
      inInitializer.run();
    }

    static void touch() {}
  }

  static final class Initializer5 {
    static {
      inInitializer.run();
    }

    static void touch() {}
  }

  @Test
  void aClassInitializerThatSuspendsGetsAnExceptionAndTheLoopGoesOn() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      Task<?> other =
          createTask(() -> {
            for (int i = 0; i < 3; i++) {
              trail.add("other " + i);
              sleep(millis(0));
            }
          });
      inInitializer = () -> sleep(millis(0));
      Throwable thrown = Loops.thrownBy(Initializer1::touch);
      trail.add(thrown.getClass().getSimpleName());
      trail.add("" + thrown.getCause().getMessage());
      sleep(millis(0)); // outside, the same task suspends as ever
      trail.add("suspended");
      await(other);
    });

    assertThat(trail)
        .hasSize(6)
        .startsWith("ExceptionInInitializerError")
        .endsWith("suspended", "other 1", "other 2");
    assertThat(trail.get(1))
        .contains("cannot suspend: native method or class initializer on the stack: ")
        .contains("Initializer1.<clinit>");
  }

  @Test
  void aFutureThatSuchAnAwaitHasLeftIsNotDisturbed() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      Future<String> future = getRunningLoop().createFuture();
      inInitializer = () -> trail.add(Loops.thrownBy(future::await).getClass().getSimpleName());
      Initializer2.touch();
      future.setResult("x");
      trail.add("yields");
      sleep(millis(0)); // one iteration, and no wake-up of the await that failed
      getRunningLoop().callSoon(() -> trail.add("callback"));
      sleep(millis(0));
      trail.add(future.await());
    });

    assertThat(trail).containsExactly("PinnedException", "yields", "callback", "x");
  }

  @Test
  void theLoopsPermitIsThereAgainEachTime() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      inInitializer =
          () -> {
            for (int i = 0; i < 100; i++) {
              trail.add(Loops.thrownBy(() -> sleep(millis(0))).getClass().getSimpleName());
            }
          };
      Initializer3.touch();
      sleep(millis(1));
    });

    assertThat(trail).hasSize(100).containsOnly("PinnedException");
  }

  /** A pinned JDK call uses up the permit that the loop keeps for its own thread. */
  @Test
  void suspendingAfterAPinnedBlockingCallIsNoticedToo() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      inInitializer =
          () -> {
            LockSupport.parkNanos(1); // returns at once, on the loop's permit
            LockSupport.parkNanos(1);
            trail.add(Loops.thrownBy(() -> sleep(millis(0))).getClass().getSimpleName());
          };
      Initializer4.touch();
    });

    assertThat(trail).containsExactly("PinnedException");
  }

  @Test
  void anEagerTaskOfAPinnedParentIsQueued() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      inInitializer =
          () -> {
            createTask(() -> trail.add("child"), TaskOptions.DEFAULT.withEagerStart(true));
            trail.add("parent");
          };
      Initializer5.touch();
      sleep(millis(0));
    });

    assertThat(trail).containsExactly("parent", "child");
  }

  // ---- native frames

  /** Sorts with the C library, which calls back into Java. */
  @Test
  void anUpcallFromNativeCodeThatSuspendsGetsAnException() throws Exception {
    comparator = null;
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      comparator = () -> trail.add(Loops.thrownBy(() -> sleep(millis(0))).getMessage());
      sortNatively(2, 1);
      sleep(millis(0));
      trail.add("went on");
    });

    assertThat(trail).hasSizeGreaterThan(1).endsWith("went on");
    assertThat(trail.getFirst())
        .startsWith("cannot suspend: native method or class initializer on the stack: ");
  }

  private static Runnable comparator;

  static int compare(MemorySegment a, MemorySegment b) {
    comparator.run();
    return Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0));
  }

  @SuppressWarnings("restricted")
  private static void sortNatively(int... numbers) throws Exception {
    Linker linker = Linker.nativeLinker();
    MethodHandle qsort =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("qsort"),
            FunctionDescriptor.ofVoid(
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS));
    MethodHandle compare =
        MethodHandles.lookup()
            .findStatic(
                Rule04PinnedTest.class,
                "compare",
                MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
    var number = ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stub =
          linker.upcallStub(
              compare, FunctionDescriptor.of(ValueLayout.JAVA_INT, number, number), arena);
      MemorySegment array = arena.allocateFrom(ValueLayout.JAVA_INT, numbers);
      qsort.invoke(array, (long) numbers.length, 4L, stub);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** With a flag of the JDK's, reflection calls go through native code. */
  static final class SuspendsUnderReflection {
    public static void suspendHere() {
      sleep(millis(0));
    }

    public static void main(String[] args) throws Exception {
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
      loop.runUntilComplete(() -> {
        try {
          SuspendsUnderReflection.class.getMethod("suspendHere").invoke(null);
          System.out.println("suspended");
        } catch (InvocationTargetException e) {
          System.out.println(e.getCause().getMessage());
        }
        sleep(millis(1));
        System.out.println("went on");
      });
      loop.close();
    }
  }

  @Test
  void aNativeReflectionFrameIsNamed() {
    var result =
        ForkedJvm.of(SuspendsUnderReflection.class)
            .withFlags("-Djdk.reflect.useNativeAccessorOnly=true")
            .run();

    assertThat(result.lines()).hasSize(2).endsWith("went on");
    assertThat(result.lines().getFirst())
        .contains("cannot suspend")
        .contains("invoke0(Native Method)");
  }

  @Test
  void ordinaryReflectionIsNoObstacle() {
    var result = ForkedJvm.of(SuspendsUnderReflection.class).run();

    assertThat(result.lines()).containsExactly("suspended", "went on");
  }
}
