package asyncio.conformance;

import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Ctrl-C during a run, and what leaves a run as the exit code; each in a JVM of its own. */
@Tag("slow")
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class RunSignalTest {

  /** The program: its first argument says what it does. */
  static final class Program {
    private Program() {}

    static void print(String line) {
      System.out.println("> " + line);
      System.out.flush();
    }

    public static void main(String[] arguments) throws Exception {
      switch (arguments[0]) {
        case "waits" -> run(Program::waits);
        case "catches" -> catches();
        case "busy" -> run(Program::busy);
        case "endless" -> run(Program::endless);
        case "swallows" -> print("result " + run(Program::swallows));
        case "cancelledTwice" -> cancelledTwice();
        case "otherThread" -> otherThread();
        case "ownHandler" -> ownHandler();
        case "replacesHandler" -> replacesHandler();
        case "afterwards" -> afterwards();
        case "exits" ->
            run(() -> {
              throw new SystemExit(7);
            });
        case "handlerOfTheProgram" -> handlerOfTheProgram();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }

    private static void waits() {
      try {
        print("ready");
        sleep(seconds(1000));
      } finally {
        print("finally");
      }
    }

    private static void catches() {
      try {
        run(Program::waits);
      } catch (KeyboardInterrupt e) {
        print("caught, " + (e.getStackTrace().length > 0 ? "with a stack" : "without a stack"));
      }
    }

    /** Lets the first cancellation go by, and is in one callback when the second signal comes. */
    private static void busy() {
      try {
        print("ready");
        sleep(seconds(1000));
      } catch (CancelledError e) {
        print("first");
        long end = System.nanoTime() + 300_000_000L;
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
        try {
          sleep(seconds(1000));
          print("not reached: the second signal ends the run");
        } finally {
          print("cleaned up");
        }
      }
    }

    private static void endless() {
      print("ready");
      while (System.nanoTime() != 0) {
        Thread.onSpinWait();
      }
    }

    private static String swallows() {
      try {
        print("ready");
        sleep(seconds(1000));
      } catch (CancelledError e) {
        print("swallowed");
      }
      return "of main";
    }

    private static void cancelledTwice() {
      try {
        run(() -> {
          var main = currentTask();
          try {
            print("ready");
            sleep(seconds(1000));
          } catch (CancelledError e) {
            main.cancel("by the program as well");
            sleep(seconds(0));
          }
        });
      } catch (CancelledError e) {
        print("CancelledError");
      }
    }

    private static void otherThread() throws InterruptedException {
      Thread.ofPlatform().name("other").start(() -> run(Program::waits)).join();
    }

    private static void ownHandler() throws ReflectiveOperationException {
      handleSignal(() -> print("own handler"));
      run(() -> {
        print("ready");
        sleep(seconds(1));
        print("ends by itself");
      });
    }

    private static void replacesHandler() {
      run(() -> {
        handleSignal(() -> print("own handler"));
      });
      print("ready");
      long end = System.nanoTime() + 1_000_000_000L;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }

    /** By reflection, since the compiler's warning about this class cannot be suppressed. */
    private static void handleSignal(Runnable handler) throws ReflectiveOperationException {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handler.run();
                }
                return method.getName().equals("equals") ? (Object) (self == arguments[0]) : null;
              });
      signal
          .getMethod("handle", signal, type)
          .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
    }

    private static void afterwards() throws InterruptedException {
      run(() -> sleep(seconds(0)));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> print("hook")));
      print("ready");
      Thread.sleep(60_000);
    }

    private static void handlerOfTheProgram() {
      Thread.currentThread()
          .setUncaughtExceptionHandler(
              (_, t) -> print("handler got " + t.getClass().getSimpleName()));
      run(() -> {
        getRunningLoop().callSoon(() -> {});
        throw new KeyboardInterrupt();
      });
    }
  }

  private static ForkedProgram start(Engine engine, String what, String... jvmOptions)
      throws Exception {
    return ForkedProgram.start(engine, List.of(jvmOptions), Program.class, what);
  }

  @EachEngine
  @Spec({"RUN-15", "RUN-16"})
  void ctrlCCancelsTheMainTaskAndEndsTheProcessWith130(Engine engine) throws Exception {
    try (var program = start(engine, "waits")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready", "finally");
      assertThat(program.lines).noneMatch(line -> line.contains("Exception"));
    }
  }

  @EachEngine
  @Spec({"RUN-16", "RUN-24"})
  void aProgramMayCatchTheInterrupt(Engine engine) throws Exception {
    try (var program = start(engine, "catches")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "finally", "caught, with a stack");
    }
  }

  @EachEngine
  @Spec("RUN-17")
  void anotherCancellationMakesItACancelledError(Engine engine) throws Exception {
    try (var program = start(engine, "cancelledTwice")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "CancelledError");
    }
  }

  @EachEngine
  @Spec("RUN-18")
  void aMainTaskMaySwallowTheInterrupt(Engine engine) throws Exception {
    try (var program = start(engine, "swallows")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "swallowed", "result of main");
    }
  }

  @EachEngine
  @Spec("RUN-19")
  void theSecondCtrlCEndsTheRunWhenTheCallbackEnds(Engine engine) throws Exception {
    try (var program = start(engine, "busy")) {
      program.awaitLine("ready");
      program.interrupt();
      program.awaitLine("first");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready", "first", "cleaned up");
    }
  }

  @EachEngine
  @Spec("RUN-19")
  void aCallbackThatDoesNotEndIsShownAndTheThirdCtrlCEndsTheProcess(Engine engine)
      throws Exception {
    try (var program = start(engine, "endless")) {
      program.awaitLine("ready");
      program.interrupt();
      Thread.sleep(
          500); // the kernel merges signals that come together, and this loop can give no sign in
      // between
      program.interrupt();
      program.awaitLine("RunSignalTest$Program.endless");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
    }
  }

  @EachEngine
  @Spec("RUN-20")
  void afterTheRunCtrlCDoesWhatItDidBefore(Engine engine) throws Exception {
    try (var program = start(engine, "afterwards")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready", "hook");
    }
  }

  @EachEngine
  @Spec("RUN-20")
  void aHandlerThatTheProgramSetMeanwhileStays(Engine engine) throws Exception {
    try (var program = start(engine, "replacesHandler")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "own handler");
    }
  }

  @EachEngine
  @Spec("RUN-21")
  void aRunOfAnotherThreadLeavesTheSignalAlone(Engine engine) throws Exception {
    try (var program = start(engine, "otherThread")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready");
    }
  }

  @EachEngine
  @Spec("RUN-21")
  void aHandlerOfTheProgramStays(Engine engine) throws Exception {
    try (var program = start(engine, "ownHandler")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "own handler", "ends by itself");
    }
  }

  @EachEngine
  @Spec("RUN-21")
  void aJvmThatRefusesHandlersRunsWithout(Engine engine) throws Exception {
    try (var program = start(engine, "waits", "-Xrs")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready");
    }
  }

  @EachEngine
  void systemExitBecomesTheExitCode(Engine engine) throws Exception {
    try (var program = start(engine, "exits")) {
      assertThat(program.exitCode()).isEqualTo(7);
      assertThat(program.lines).noneMatch(line -> line.contains("Exception"));
    }
  }

  @EachEngine
  void anUncaughtExceptionHandlerOfTheProgramIsLeftInForce(Engine engine) throws Exception {
    try (var program = start(engine, "handlerOfTheProgram")) {
      assertThat(program.exitCode()).isEqualTo(1);
      assertThat(program.printed()).containsExactly("handler got KeyboardInterrupt");
    }
  }
}
