package asyncio.conformance.process;

import static asyncio.Asyncio.sleep;
import static asyncio.process.ProcessOptions.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.LoopKind;
import asyncio.Signal;
import asyncio.conformance.Spec;
import asyncio.process.ProcessLookupException;
import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import asyncio.process.SubprocessTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** PROC: the transport of a child process. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ProcessTransportTest {
  private static final ProcessOptions OUTPUT =
      DEFAULT.withStdin(Redirect.DISCARD).withStderr(Redirect.DISCARD);
  private static final ProcessOptions NO_PIPES = OUTPUT.withStdout(Redirect.DISCARD);

  /** A child that says that it is ready and then waits to be signalled. */
  private static ChildTrail waiting(ChannelEventLoop loop, String before) throws Exception {
    var events = new ChildTrail(loop);
    loop.subprocessShell(() -> events, before + "echo ready; while :; do sleep 0.01; done", OUTPUT);
    events.awaitText(1, 6);
    return events;
  }

  private static Integer returncodeOf(ChannelEventLoop loop, String script) throws Exception {
    var events = new ChildTrail(loop);
    var transport = loop.subprocessShell(() -> events, script, NO_PIPES).transport();
    events.awaitEvent("lost");
    return transport.returncode();
  }

  @EachWay
  @Spec("PROC-17")
  void theReturnCodeIsTheExitStatusOrTheSignal(Way way) throws Exception {
    way.run(loop -> {
      var events = waiting(loop, "");
      assertThat(events.transport.pid())
          .isEqualTo(ProcessHandle.of(events.transport.pid()).orElseThrow().pid());
      assertThat(events.transport.returncode()).isNull();
      assertThat(events.transport.exitValue()).isNull();
      events.transport.kill();
      events.awaitEvent("lost");
      assertThat(events.transport.returncode()).isEqualTo(-9);
      assertThat(events.transport.exitValue()).isEqualTo(137);

      assertThat(returncodeOf(loop, "exit 0")).isZero();
      assertThat(returncodeOf(loop, "exit 128")).isEqualTo(128);
      assertThat(returncodeOf(loop, "exit 193")).isEqualTo(193);
      assertThat(returncodeOf(loop, "exit 255")).isEqualTo(255);
      assertThat(returncodeOf(loop, "kill -s TERM $$")).isEqualTo(-15);
      assertThat(returncodeOf(loop, "kill -s HUP $$")).isEqualTo(-1);
    });
  }

  @EachWay
  @Spec({"PROC-18", "TR-44"})
  void theTransportsOfThePipesAreAtTheirNumbers(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      SubprocessTransport transport =
          loop.subprocessExec(() -> events, List.of("cat"), DEFAULT.withStderr(Redirect.DISCARD))
              .transport();
      assertThat(transport.pipeTransport(0)).isSameAs(transport.stdin()).isNotNull();
      assertThat(transport.pipeTransport(1)).isSameAs(transport.stdout()).isNotNull();
      assertThat(transport.pipeTransport(2)).isSameAs(transport.stderr()).isNull();
      assertThat(transport.pipeTransport(3)).isNull();
      assertThat(transport.getExtraInfo("subprocess")).isInstanceOf(Process.class);
      assertThat(((Process) transport.getExtraInfo("subprocess")).pid()).isEqualTo(transport.pid());
      assertThat(transport.getExtraInfo("pipe", "none")).isEqualTo("none");
      transport.stdin().close();
      events.awaitEvent("lost");
    });
  }

  @EachWay
  @Spec("PROC-19")
  void signalsReachTheProcessInOrder(Way way) throws Exception {
    way.run(loop -> {
      var events =
          waiting(
              loop, "trap 'echo usr1' USR1; trap 'echo hup' HUP; trap 'echo term; exit 4' TERM; ");
      events.transport.sendSignal(Signal.USR1);
      events.awaitText(1, "ready\nusr1\n".length());
      events.transport.sendSignal(1); // by its number
      events.awaitText(1, "ready\nusr1\nhup\n".length());
      events.transport.sendSignal(Signal.USR1); // by a shell, and the next one directly
      events.transport.terminate();
      events.awaitEvent("lost");
      assertThat(events.text(1)).isEqualTo("ready\nusr1\nhup\nusr1\nterm\n");
      assertThat(events.transport.returncode()).isEqualTo(4);
    });
  }

  @EachWay
  @Spec("PROC-19")
  void aSignalThatEndsTheProcessIsItsReturnCode(Way way) throws Exception {
    way.run(loop -> {
      for (Signal signal : List.of(Signal.TERM, Signal.KILL, Signal.INT, Signal.USR2)) {
        var events = waiting(loop, "");
        switch (signal) {
          case TERM -> events.transport.terminate();
          case KILL -> events.transport.kill();
          default -> events.transport.sendSignal(signal);
        }
        events.awaitEvent("lost");
        assertThat(events.transport.returncode()).isEqualTo(-signal.number());
      }
    });
  }

  @EachWay
  @Spec("PROC-19")
  void afterTheEndThereIsNoProcessToSignal(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport = loop.subprocessShell(() -> events, "exit 6", NO_PIPES).transport();
      events.awaitEvent("exited");
      for (Runnable call :
          List.<Runnable>of(
              transport::terminate,
              transport::kill,
              () -> transport.sendSignal(Signal.USR1),
              () -> transport.sendSignal(10))) {
        assertThatThrownBy(call::run)
            .isInstanceOf(ProcessLookupException.class)
            .hasMessageContaining(transport.pid() + " has ended with 6");
      }
      assertThatThrownBy(() -> transport.sendSignal(65))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("65");
      assertThatThrownBy(() -> transport.sendSignal(null)).isInstanceOf(NullPointerException.class);
      events.awaitEvent("lost");
    });
  }

  @EachWay
  @Spec("PROC-20")
  void aProcessWhoseEndIsNotNoticedYetCanBeSignalledWithoutHarm(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport =
          loop.subprocessShell(() -> events, "read line; exit 0", NO_PIPES.withStdin(Redirect.PIPE))
              .transport();
      loop.callSoon(() -> { // and the loop stands still
        transport.stdin().write(new byte[] {'\n'});
        Traces.awaitEnd(transport.pid());
        transport.sendSignal(Signal.USR1);
        transport.terminate();
        transport.kill();
        events.add("signalled, with " + transport.returncode());
      });
      events.awaitEvent("signalled, with null");
      events.awaitEvent("lost");
      assertThat(transport.returncode()).isZero();
    });
  }

  @EachWay
  @Spec("PROC-21")
  void killingAShellLeavesItsChildren(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport =
          loop.subprocessShell(() -> events, "sleep 2718301 > /dev/null & echo $!; wait", OUTPUT)
              .transport();
      events.awaitText(1, 2);
      while (!events.text(1).endsWith("\n")) {
        events.awaitText(1, events.text(1).length() + 1);
      }
      ProcessHandle sleep = ProcessHandle.of(Long.parseLong(events.text(1).strip())).orElseThrow();
      transport.kill();
      events.awaitEvent("lost");
      assertThat(transport.returncode()).isEqualTo(-9);
      assertThat(sleep.isAlive()).isTrue();
      sleep.destroyForcibly();
    });
  }

  @EachWay
  @Spec("PROC-22")
  void closeClosesThePipesAndKillsOnce(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport =
          loop.subprocessExec(() -> events, List.of("sleep", "2718302"), DEFAULT).transport();
      assertThat(transport.isClosing()).isFalse();
      transport.close();
      transport.close();
      assertThat(transport.isClosing()).isTrue();
      assertThat(events.trail).containsExactly("made");
      events.awaitEvent("lost");
      assertThat(events.trail)
          .containsExactlyInAnyOrder("made", "lost 0", "lost 1", "lost 2", "exited", "lost");
      assertThat(transport.returncode()).isEqualTo(-9);
      assertThat(Traces.isAlive(transport.pid())).as("it is collected").isFalse();
    });
  }

  @EachWay
  @Spec("PROC-23")
  void closeAfterTheExitSignalsNothing(Way way) throws Exception {
    var traces = Traces.before();
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport = loop.subprocessShell(() -> events, "exit 8", DEFAULT).transport();
      events.awaitEvent("exited");
      transport.close();
      events.awaitEvent("lost");
      transport.close();
      sleep(Duration.ZERO);
      assertThat(transport.returncode()).isEqualTo(8);
      assertThat(events.trail)
          .containsExactlyInAnyOrder("made", "lost 0", "lost 1", "lost 2", "exited", "lost");
    });
    traces.assertNoPipes();
  }

  @EachWay
  @Spec("PROC-25")
  void processEndsAreNoticedByTheLoopsOfAllThreads(Way way) throws Exception {
    way.onLoop(own -> {
      List<Thread> threads = new ArrayList<>();
      List<Integer> codes = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 3; i++) {
        int code = i;
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  var loop = LoopKind.preferred().newLoop(way.engine);
                  loop.runUntilComplete(() -> {
                    codes.add(returncodeOf(loop, "exit " + code));
                  });
                  loop.close();
                }));
      }
      own.runUntilComplete(() -> {
        codes.add(returncodeOf(own, "exit 3"));
      });
      for (Thread thread : threads) {
        thread.join(20_000);
      }
      assertThat(codes).containsExactlyInAnyOrder(0, 1, 2, 3);
    });
  }

  @EachWay
  @Spec("PROC-26")
  void theTextShowsThePidAndTheState(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport =
          loop.subprocessExec(() -> events, List.of("cat"), DEFAULT.withStderr(Redirect.STDOUT))
              .transport();
      assertThat(transport.toString())
          .startsWith("<SubprocessTransport pid=" + transport.pid() + " running stdin=<")
          .contains(" stdout=stderr=<");
      transport.stdin().close();
      events.awaitEvent("lost");
      assertThat(transport.toString())
          .startsWith("<SubprocessTransport pid=" + transport.pid() + " returncode=0");
      transport.close();
      assertThat(transport.toString()).startsWith("<SubprocessTransport closed pid=");
    });
  }

  @EachWay
  @Spec("PROC-41")
  void twoProcessesThatEndTogetherAndOneThatEndsBeforeItIsWatched(Way way) throws Exception {
    way.run(loop -> {
      for (int i = 0; i < 10; i++) {
        var first = new ChildTrail(loop);
        var second = new ChildTrail(loop);
        var one = loop.subprocessExec(() -> first, List.of("cat"), OUTPUT.withStdin(null));
        var two = loop.subprocessExec(() -> second, List.of("cat"), OUTPUT.withStdin(null));
        one.transport().kill();
        two.transport().kill();
        Traces.awaitEnd(one.transport().pid());
        Traces.awaitEnd(two.transport().pid());
        first.awaitEvent("lost");
        second.awaitEvent("lost");
        assertThat(one.transport().returncode()).isEqualTo(-9);
        assertThat(two.transport().returncode()).isEqualTo(-9);
      }
      var early =
          new ChildTrail(loop) {
            @Override
            public void connectionMade(SubprocessTransport transport) {
              super.connectionMade(transport);
              Traces.awaitEnd(transport.pid()); // before anything is told of it
            }
          };
      var transport = loop.subprocessShell(() -> early, "exit 9", NO_PIPES).transport();
      early.awaitEvent("lost");
      assertThat(early.trail).containsExactly("made", "exited", "lost");
      assertThat(transport.returncode()).isEqualTo(9);
    });
  }

  @EachWay
  void theProtocolCanBeExchanged(Way way) throws Exception {
    way.run(loop -> {
      var first = new ChildTrail(loop);
      var second = new ChildTrail(loop);
      var transport = loop.subprocessExec(() -> first, List.of("cat"), DEFAULT).transport();
      assertThat(transport.getProtocol()).isSameAs(first);
      transport.setProtocol(second);
      assertThat(transport.getProtocol()).isSameAs(second);
      transport.close();
      second.awaitEvent("lost");
      assertThat(first.trail).containsExactly("made");
      assertThatThrownBy(() -> transport.setProtocol(new asyncio.net.Protocol() {}))
          .isInstanceOf(IllegalArgumentException.class);
    });
  }
}
