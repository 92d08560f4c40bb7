package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.LoopKind;
import asyncio.Signal;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** SIG: signals that end a process, and those that {@code run()} has taken; each in a JVM. */
@Tag("slow")
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class SignalProgramTest {

  /** The program: its first argument says what it does. */
  static final class Program {
    private Program() {}

    static void print(String line) {
      System.out.println("> " + line);
      System.out.flush();
    }

    public static void main(String[] arguments) {
      switch (arguments[0]) {
        case "endsInOrder" -> run(Program::endsInOrder);
        case "takesTheInterrupt" -> takesTheInterrupt();
        case "plainLoop" -> plainLoop();
        case "closed" -> closed();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }

    private static void endsInOrder() {
      EventLoop loop = getRunningLoop();
      Future<String> request = loop.createFuture();
      loop.addSignalHandler(Signal.TERM, () -> request.setResult("asked to end"));
      print("ready");
      print(await(request));
    }

    private static void takesTheInterrupt() {
      try {
        run(() -> {
          EventLoop loop = getRunningLoop();
          Future<String> first = loop.createFuture();
          loop.addSignalHandler(Signal.INT, () -> first.setResult("own handler"));
          print("ready");
          print(await(first));
          loop.removeSignalHandler(Signal.INT);
          print("removed");
          sleep(seconds(1000));
        });
      } catch (KeyboardInterrupt e) {
        print("KeyboardInterrupt");
      }
      // After a loop has kept its handler until its end, the JVM's own is back.
      run(() -> getRunningLoop().addSignalHandler(Signal.INT, () -> print("not called")));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> print("hook")));
      print("after the runs");
      waitLong();
    }

    private static void plainLoop() {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> print("hook")));
      EventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.callSoon(() -> print("ready"));
      loop.runForever();
    }

    private static void closed() {
      EventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.addSignalHandler(Signal.TERM, () -> print("not called"));
      loop.addSignalHandler(Signal.USR1, () -> print("not called"));
      loop.close();
      print("ready");
      waitLong();
    }

    private static void waitLong() {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        print("interrupted");
      }
    }
  }

  private static ForkedProgram start(Engine engine, String what) throws Exception {
    return ForkedProgram.start(engine, List.of(), Program.class, what);
  }

  @EachEngine
  @Spec({"SIG-1", "SIG-7"})
  void aProgramThatTakesTheRequestToEndEndsWithZero(Engine engine) throws Exception {
    try (var program = start(engine, "endsInOrder")) {
      program.awaitLine("ready");
      program.signal(Signal.TERM);
      assertThat(program.exitCode()).isZero();
      assertThat(program.printed()).containsExactly("ready", "asked to end");
    }
  }

  @EachEngine
  @Spec({"SIG-7", "SIG-9"})
  void anInterruptHandlerHasPrecedenceOverTheRunsAndGivesItBack(Engine engine) throws Exception {
    try (var program = start(engine, "takesTheInterrupt")) {
      program.awaitLine("ready");
      program.interrupt();
      program.awaitLine("removed");
      program.interrupt();
      program.awaitLine("after the runs");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed())
          .containsExactly(
              "ready", "own handler", "removed", "KeyboardInterrupt", "after the runs", "hook");
    }
  }

  @EachEngine
  @Spec("SIG-11")
  void withoutAHandlerTheInterruptIsTheJvmsOrderlyEnd(Engine engine) throws Exception {
    try (var program = start(engine, "plainLoop")) {
      program.awaitLine("ready");
      program.interrupt();
      assertThat(program.exitCode()).isEqualTo(130);
      assertThat(program.printed()).containsExactly("ready", "hook");
    }
  }

  @EachEngine
  @Spec("SIG-9")
  void aClosedLoopLeavesTheDefaultOfEachSignal(Engine engine) throws Exception {
    try (var program = start(engine, "closed")) {
      program.awaitLine("ready");
      program.signal(Signal.TERM);
      assertThat(program.exitCode()).isEqualTo(143);
      assertThat(program.printed()).containsExactly("ready");
    }
    try (var program = start(engine, "closed")) {
      program.awaitLine("ready");
      program.signal(Signal.USR1);
      assertThat(program.exitCode()).isEqualTo(128 + Signal.USR1.number());
      assertThat(program.printed()).containsExactly("ready");
    }
  }
}
