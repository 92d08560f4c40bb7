package asyncio.conformance.process;

import static asyncio.Asyncio.createSubprocessExec;
import static asyncio.Asyncio.createSubprocessShell;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.process.ProcessOptions.DEFAULT;
import static asyncio.process.ProcessOptions.PIPES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Signal;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.process.ProcessLookupException;
import asyncio.process.Redirect;
import asyncio.process.Subprocess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** PROC: child processes as tasks see them. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class SubprocessTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @EachWay
  @Spec("PROC-27")
  void theStreamsAreThereWhereTheyArePipes(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessExec(List.of("cat"), PIPES.withStderr(Redirect.STDOUT));
      assertThat(child.pid()).isPositive();
      assertThat(child.returncode()).isNull();
      assertThat(child.stderr()).isNull();
      child.stdin().writeUtf8("one\ntwo\n");
      assertThat(child.stdout().readUtf8Line()).isEqualTo("one");
      assertThat(child.stdout().readUtf8Line()).isEqualTo("two");
      child.stdin().close();
      assertThat(child.stdout().readUtf8Line()).isNull();
      assertThat(child.waitForExit()).isZero();
      assertThat(child.returncode()).isZero();
      assertThat(child.exitValue()).isZero();
      assertThat(child).hasToString("<Subprocess " + child.pid() + ">");
    });
  }

  @EachWay
  @Spec("PROC-27")
  void theLimitIsThatOfTheReaders(Way way) throws Exception {
    way.run(() -> {
      var child =
          createSubprocessExec(List.of("printf", "%050d\\n%03d\\n", "1", "2"), PIPES.withLimit(40));
      assertThatThrownBy(() -> child.stdout().readLine())
          .isInstanceOf(asyncio.net.LimitOverrunException.class);
      child.close();
      child.waitForExit();
    });
    assertThatThrownBy(() -> DEFAULT.withLimit(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit");
  }

  @EachWay
  @Spec("PROC-28")
  void waitingEndsWithTheProcessAlthoughAGrandchildHoldsAPipe(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessShell("sleep 2718311 & echo $!; exit 11", PIPES);
      assertThat(child.waitForExit()).isEqualTo(11);
      ProcessHandle grandchild =
          ProcessHandle.of(Long.parseLong(child.stdout().readUtf8Line())).orElseThrow();
      assertThat(grandchild.isAlive()).isTrue();
      if (way.selects()) { // else the JDK has closed its stream
        assertThat(child.stdout().atEof()).isFalse();
      }
      grandchild.destroyForcibly();
      assertThat(child.stdout().readAll()).isEmpty();
    });
  }

  @EachWay
  @Spec("PROC-29")
  void severalTasksMayWaitAndAgainAfterwards(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessShell("read line; exit 12", DEFAULT.withStdin(Redirect.PIPE));
      List<Task<Integer>> waits = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waits.add(createTask(child::waitForExit));
      }
      sleep(Duration.ZERO);
      child.stdin().writeUtf8("\n");
      for (Task<Integer> wait : waits) {
        assertThat(wait.await()).isEqualTo(12);
      }
      assertThat(child.waitForExit()).isEqualTo(12);
    });
  }

  @EachWay
  @Spec("PROC-30")
  void aCancelledWaitLeavesTheProcessAndOtherWaits(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessExec(List.of("cat"), PIPES);
      Task<Integer> cancelled = createTask(child::waitForExit);
      Task<Integer> other = createTask(child::waitForExit);
      sleep(Duration.ZERO);
      cancelled.cancel();
      assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
      assertThat(child.returncode()).isNull();
      assertThat(Traces.isAlive(child.pid())).isTrue();
      child.stdin().close();
      assertThat(other.await()).isZero();
      assertThat(child.waitForExit()).isZero();
    });
  }

  @EachWay
  @Spec({"PROC-31", "PROC-39"})
  void aChildWhoseOutputNobodyReadsWaitsAndCommunicateReadsIt(Way way) throws Exception {
    way.run(loop -> {
      var child = createSubprocessExec(List.of("head", "-c", "5000000", "/dev/zero"), PIPES);
      Task<Integer> wait = createTask(child::waitForExit);
      while (!child.stdout().toString().contains(" paused")) { // at twice the limit
        sleep(Duration.ofMillis(1));
      }
      for (int i = 0; i < 20; i++) {
        sleep(Duration.ofMillis(1));
      }
      assertThat(child.stdout().toString()).contains(" paused");
      assertThat(wait.isDone()).isFalse();
      assertThat(child.communicate().stdout()).hasSize(5_000_000);
      assertThat(wait.await()).isZero();
    });
  }

  @EachWay
  @Spec("PROC-32")
  void communicateWritesReadsAndWaits(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessShell("cat; echo done >&2; exit 13", PIPES);
      var output = child.communicateWith(bytes("some data"));
      assertThat(output.stdoutUtf8()).isEqualTo("some data");
      assertThat(output.stderrUtf8()).isEqualTo("done\n");
      assertThat(output.stdout()).isEqualTo(bytes("some data"));
      assertThat(output.stderr()).isEqualTo(bytes("done\n"));
      assertThat(output).hasToString("ProcessOutput[stdout=9 bytes, stderr=5 bytes]");
      assertThat(child.returncode()).isEqualTo(13);

      var partly =
          createSubprocessExec(List.of("echo", "x"), DEFAULT.withStdout(Redirect.PIPE))
              .communicate();
      assertThat(partly.stdoutUtf8()).isEqualTo("x\n");
      assertThat(partly.stderr()).isNull();
      assertThat(partly.stderrUtf8()).isNull();

      var without = createSubprocessExec("true");
      assertThat(without.communicate().stdout()).isNull();
      assertThatThrownBy(() -> without.communicateWith(bytes("x")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is no pipe");
    });
  }

  @EachWay
  @Spec("PROC-33")
  void withoutInputStandardInputIsClosedAtOnce(Way way) throws Exception {
    way.run(() -> {
      for (boolean empty : new boolean[] {false, true}) {
        var child = createSubprocessShell("cat; echo end", PIPES);
        var output = empty ? child.communicateWith(new byte[0]) : child.communicate();
        assertThat(output.stdoutUtf8()).isEqualTo("end\n");
        assertThat(child.stdin().isClosing()).isTrue();
      }
    });
  }

  @EachWay
  @Spec("PROC-34")
  void communicateIgnoresAChildThatDoesNotTakeItsInput(Way way) throws Exception {
    way.run(() -> {
      for (String script :
          List.of("exec 0<&-; echo no thanks; exit 14", "echo no thanks; exit 14")) {
        var child = createSubprocessShell(script, PIPES);
        var output = child.communicateWith(new byte[1_000_000]);
        assertThat(output.stdoutUtf8()).isEqualTo("no thanks\n");
        assertThat(child.returncode()).isEqualTo(14);
      }
    });
  }

  @EachWay
  @Spec("PROC-35")
  void megabytesInBothDirectionsDoNotDeadlock(Way way) throws Exception {
    way.run(() -> {
      for (int size : new int[] {8192, 8193, 65_536, 65_537, 219_264, 1_000_000, 5_000_000}) {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        var child = createSubprocessShell("tee /dev/stderr", PIPES);
        var output = child.communicateWith(data);
        assertThat(output.stdout()).isEqualTo(data);
        assertThat(output.stderr()).isEqualTo(data);
        assertThat(child.returncode()).isZero();
      }
    });
  }

  @EachWay
  @Spec("PROC-36")
  void aSecondCommunicateHasNothingToGive(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessExec(List.of("cat"), PIPES);
      assertThat(child.communicateWith(bytes("x")).stdoutUtf8()).isEqualTo("x");
      var again = child.communicateWith(bytes("y"));
      assertThat(again.stdout()).isEmpty();
      assertThat(again.stderr()).isEmpty();
    });
  }

  @EachWay
  @Spec("PROC-36")
  void aCancelledCommunicateLeavesTheProcess(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessExec(List.of("sleep", "2718312"), PIPES);
      var task = createTask(() -> child.communicateWith(bytes("input")));
      sleep(Duration.ofMillis(1));
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      assertThat(child.returncode()).isNull();
      assertThat(Traces.isAlive(child.pid())).isTrue();
      child.kill();
      assertThat(child.waitForExit()).isEqualTo(-9);
    });
  }

  @EachWay
  @Spec("PROC-37")
  void drainThrowsWhenTheChildTakesNothingMore(Way way) throws Exception {
    way.run(() -> {
      for (String script :
          List.of("exec 0<&-; echo closed; exec sleep 2718313", "echo closed; exit 0")) {
        var child = createSubprocessShell(script, PIPES);
        assertThat(child.stdout().readUtf8Line()).isEqualTo("closed");
        if (script.endsWith("exit 0")) {
          child.waitForExit();
        }
        assertThatThrownBy(
                () -> {
                  while (true) {
                    child.stdin().write(new byte[100_000]);
                    child.stdin().drain();
                  }
                })
            .satisfiesAnyOf(
                thrown -> assertThat(thrown).isInstanceOf(BrokenPipeException.class),
                thrown -> assertThat(thrown).isInstanceOf(ConnectionResetException.class));
        child.close();
        child.waitForExit();
      }
    });
  }

  @EachWay
  @Spec("PROC-38")
  void outputStaysReadableAfterTheExit(Way way) throws Exception {
    way.run(() -> {
      var child = createSubprocessShell("printf %060000d 7; exit 15", PIPES.withLimit(1000));
      assertThat(child.waitForExit()).isEqualTo(15); // it all fits into the pipe
      assertThat(child.stdout().readAll()).hasSize(60_000).endsWith('7');
    });
  }

  @EachWay
  @Spec("PROC-40")
  void signalsGoToTheProcessUntilItsEndWasNoticed(Way way) throws Exception {
    way.run(() -> {
      var child =
          createSubprocessShell(
              "trap 'echo got it' USR1; echo ready; while :; do sleep 0.01; done", PIPES);
      assertThat(child.stdout().readUtf8Line()).isEqualTo("ready");
      child.sendSignal(Signal.USR1);
      assertThat(child.stdout().readUtf8Line()).isEqualTo("got it");
      child.sendSignal(Signal.USR1.number());
      assertThat(child.stdout().readUtf8Line()).isEqualTo("got it");
      child.terminate();
      assertThat(child.waitForExit()).isEqualTo(-15);
      for (Runnable call :
          List.<Runnable>of(child::kill, child::terminate, () -> child.sendSignal(Signal.HUP))) {
        assertThatThrownBy(call::run).isInstanceOf(ProcessLookupException.class);
      }
      child.close();

      var killed = createSubprocessExec("sleep", "2718314");
      killed.kill();
      assertThat(killed.waitForExit()).isEqualTo(-9);
    });
  }

  @EachWay
  void picturesOfWaitsSayThatItIsForAProcess(Way way) throws Exception {
    way.run(loop -> {
      List<String> kinds = new ArrayList<>();
      loop.addInstrument(
          new Instrument() {
            @Override
            public void taskSuspended(Task<?> task, Future<?> future) {
              kinds.add(future == null ? "" : future.waitKind());
            }
          });
      sleep(Duration.ZERO); // instruments hear of a task from its next step on
      var child = createSubprocessExec(List.of("cat"), DEFAULT.withStdin(Redirect.PIPE));
      loop.callSoon(() -> child.stdin().close());
      child.waitForExit();
      assertThat(kinds).endsWith("process start", "process start", "process end");
    });
  }

  @EachWay
  void aBlockThatEndsInAnyWayLeavesNoProcess(Way way) throws Exception {
    var traces = Traces.before();
    way.run(() -> {
      Subprocess[] started = new Subprocess[1];
      assertThatThrownBy(
              () -> {
                try (var child = createSubprocessExec(List.of("sleep", "2718315"), PIPES)) {
                  started[0] = child;
                  throw new IOException("in the block");
                }
              })
          .hasMessage("in the block");
      assertThat(started[0].waitForExit()).isEqualTo(-9);

      var task =
          createTask(() -> {
            try (var child = createSubprocessExec(List.of("sleep", "2718316"), PIPES)) {
              started[0] = child;
              child.communicate();
            }
          });
      sleep(Duration.ofMillis(50));
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      assertThat(started[0].waitForExit()).isEqualTo(-9);
      Traces.assertNoChildren("27183");
    });
    traces.assertNoPipes();
  }

  @EachWay
  void aTaskGroupThatFailsLeavesNoProcess(Way way) throws Exception {
    way.run(() -> {
      assertThatThrownBy(() ->
              new TaskGroup()
                  .run(group -> {
                    for (int i = 0; i < 5; i++) {
                      group.createTask(() -> {
                        try (var child = createSubprocessExec(List.of("sleep", "2718317"), PIPES)) {
                          child.waitForExit();
                        }
                      });
                    }
                    sleep(Duration.ofMillis(20));
                    throw new IllegalStateException("fails");
                  }))
          .isInstanceOf(RuntimeException.class);
      while (ProcessHandle.current()
          .descendants()
          .anyMatch(child -> Traces.commandLine(child).contains("2718317"))) {
        sleep(Duration.ofMillis(1)); // killed, and about to be collected
      }
    });
  }
}
