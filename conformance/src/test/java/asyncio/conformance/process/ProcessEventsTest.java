package asyncio.conformance.process;

import static asyncio.process.ProcessOptions.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ContextVar;
import asyncio.ErrorContext;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import asyncio.process.SubprocessTransport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** PROC: what the protocol of a child process hears, and in which order. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ProcessEventsTest {
  private static final ProcessOptions NO_PIPES =
      DEFAULT.withStdin(Redirect.DISCARD).withStdout(Redirect.DISCARD).withStderr(Redirect.DISCARD);

  @EachWay
  @Spec({"PROC-10", "PROC-11", "PROC-12", "PROC-13"})
  void connectionMadeIsFirstAndConnectionLostIsLast(Way way) throws Exception {
    way.run(loop -> {
      for (int i = 0; i < 20; i++) {
        var events = new ChildTrail(loop);
        loop.subprocessShell(() -> events, "echo out; echo err >&2; exit 7", DEFAULT);
        events.awaitEvent("lost");
        assertThat(events.trail)
            .startsWith("made")
            .endsWith("lost")
            .containsExactlyInAnyOrder(
                "made", "data 1", "data 2", "lost 0", "lost 1", "lost 2", "exited", "lost")
            .containsSubsequence("data 1", "lost 1")
            .containsSubsequence("data 2", "lost 2");
        assertThat(events.text(1)).isEqualTo("out\n");
        assertThat(events.text(2)).isEqualTo("err\n");
        assertThat(events.lostWith).containsOnlyNulls();
        assertThat(events.transport.returncode()).isEqualTo(7);
        assertThat(events.transport.getProtocol()).isNull();
      }
    });
  }

  @EachWay
  @Spec({"PROC-11", "PROC-18"})
  void aConversation(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport = loop.subprocessExec(() -> events, List.of("cat"), DEFAULT).transport();
      transport.stdin().write("Python ".getBytes(StandardCharsets.UTF_8));
      events.awaitText(1, 7);
      transport.stdin().write("The Winner".getBytes(StandardCharsets.UTF_8));
      assertThat(events.awaitText(1, 17)).isEqualTo("Python The Winner");
      transport.stdin().close();
      events.awaitEvent("lost");
      assertThat(events.trail).containsSubsequence("lost 0", "lost 1", "lost");
      assertThat(transport.returncode()).isZero();
    });
  }

  @EachWay
  @Spec({"PROC-12", "PROC-13"})
  void pipesThatAreLostBeforeTheExit(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      String script = "trap 'exit 1' TERM; exec 0<&- 1>&- 2>&-; while :; do sleep 0.01; done";
      var transport = loop.subprocessShell(() -> events, script, DEFAULT).transport();
      events.awaitEvent("lost 1");
      events.awaitEvent("lost 2");
      assertThat(events.trail).doesNotContain("exited");
      assertThat(transport.returncode()).isNull();
      transport.terminate();
      events.awaitEvent("lost");
      assertThat(transport.returncode()).isEqualTo(1);
      assertThat(events.trail)
          .containsExactlyInAnyOrder("made", "lost 0", "lost 1", "lost 2", "exited", "lost")
          .containsSubsequence("exited", "lost");
    });
  }

  @EachWay
  @Spec({"PROC-12", "PROC-13"})
  void aPipeThatAGrandchildHoldsKeepsTheTransportUntilThatEnds(Way way) throws Exception {
    if (!way.selects()) {
      return; // the JDK closes its stream when the child has ended
    }
    way.run(loop -> {
      var events = new ChildTrail(loop);
      // The grandchild keeps standard output.
      var transport =
          loop.subprocessShell(() -> events, "sleep 2718291 & echo $!", DEFAULT).transport();
      events.awaitEvent("exited");
      long grandchild = Long.parseLong(events.awaitText(1, 2).strip());
      assertThat(transport.returncode()).isZero();
      assertThat(events.trail).doesNotContain("lost 1", "lost");
      ProcessHandle.of(grandchild).ifPresent(ProcessHandle::destroyForcibly);
      events.awaitEvent("lost");
      assertThat(events.trail).endsWith("lost").containsSubsequence("exited", "lost 1", "lost");
    });
  }

  @EachWay
  @Spec("PROC-14")
  void withNoPipesConnectionLostFollowsTheExit(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      loop.subprocessShell(() -> events, "exit 3", NO_PIPES);
      events.awaitEvent("lost");
      assertThat(events.trail).containsExactly("made", "exited", "lost");
    });
  }

  @EachWay
  @Spec("PROC-15")
  void aPipeThatIsClosedHereBreaksForTheChildAndTheOthersGoOn(Way way) throws Exception {
    if (!way.selects()) {
      return; // there the thread that reads keeps the pipe until it has read something
    }
    way.run(loop -> {
      var events = new ChildTrail(loop);
      String script = "echo ready; read line; trap '' PIPE; echo x || echo broken >&2; exit 5";
      var transport = loop.subprocessShell(() -> events, script, DEFAULT).transport();
      events.awaitText(1, 6);
      transport.stdout().close();
      events.awaitEvent("lost 1");
      assertThat(events.lostWith[1]).isNull();
      assertThat(transport.returncode()).isNull();
      transport.stdin().write("go on\n".getBytes(StandardCharsets.UTF_8));
      events.awaitEvent("lost");
      assertThat(events.text(2)).endsWith("broken\n");
      assertThat(transport.returncode()).isEqualTo(5);
    });
  }

  @EachWay
  @Spec("PROC-15")
  void aPipeThatFailsIsLostWithTheError(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      String script = "exec 0<&-; echo closed; sleep 0.05; echo still here; exec sleep 2718292";
      var transport = loop.subprocessShell(() -> events, script, DEFAULT).transport();
      events.awaitText(1, 7);
      transport.stdin().write(new byte[10]);
      events.awaitEvent("lost 0");
      assertThat(events.lostWith[0]).isInstanceOf(BrokenPipeException.class);
      assertThat(events.awaitText(1, 18)).isEqualTo("closed\nstill here\n");
      assertThat(transport.returncode()).isNull();
      transport.close();
      events.awaitEvent("lost");
    });
  }

  @EachWay
  @Spec("PROC-16")
  void flowControlOfStandardInputIsToldToTheProtocol(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      String script = "read line; cat > /dev/null";
      var transport = loop.subprocessShell(() -> events, script, DEFAULT).transport();
      transport.stdin().write(new byte[1_000_000]);
      assertThat(events.trail).containsExactly("made", "pause");
      transport.stdin().write("\n".getBytes(StandardCharsets.UTF_8));
      events.awaitEvent("resume");
      transport.stdin().close();
      events.awaitEvent("lost");
      assertThat(events.trail).startsWith("made", "pause", "resume").endsWith("lost");
    });
  }

  @EachWay
  void aPausedPipeKeepsItsBytes(Way way) throws Exception {
    way.run(loop -> {
      var events = new ChildTrail(loop);
      var transport = loop.subprocessExec(() -> events, List.of("cat"), DEFAULT).transport();
      transport.stdin().write("a".getBytes(StandardCharsets.UTF_8));
      events.awaitText(1, 1);
      transport.stdout().pauseReading();
      transport.stdin().write("bcd".getBytes(StandardCharsets.UTF_8));
      transport.stdin().close();
      events.awaitEvent("exited");
      assertThat(events.text(1)).isEqualTo("a");
      transport.stdout().resumeReading();
      events.awaitEvent("lost");
      assertThat(events.text(1)).isEqualTo("abcd");
    });
  }

  @EachWay
  @Spec("PROTO-24")
  void theCallbacksSeeTheContextOfTheCaller(Way way) throws Exception {
    var name = new ContextVar<String>("name");
    way.run(loop -> {
      var events =
          new ChildTrail(loop) {
            @Override
            public void add(String what) {
              super.add(what + " in " + name.get());
            }

            @Override
            public void pipeDataReceived(int fd, ByteBuffer data) {
              add("data " + fd);
            }

            @Override
            public void connectionMade(SubprocessTransport transport) {
              add("made");
            }
          };
      name.set("caller");
      loop.subprocessExec(() -> events, List.of("echo", "x"), DEFAULT);
      name.set("changed");
      events.awaitEvent("lost in caller");
      assertThat(events.trail).hasSize(7).allMatch(event -> event.endsWith(" in caller"));
    });
  }

  @EachWay
  void anExceptionOfTheProtocolIsReportedAndChangesNothingElse(Way way) throws Exception {
    way.onLoop(loop -> {
      List<ErrorContext> reports = Loops.collectReports(loop);
      loop.runUntilComplete(() -> {
        var events =
            new ChildTrail(loop) {
              @Override
              public void connectionMade(SubprocessTransport transport) {
                super.connectionMade(transport);
                throw new IllegalStateException("in connectionMade");
              }

              @Override
              public void pipeDataReceived(int fd, ByteBuffer data) {
                super.pipeDataReceived(fd, data);
                throw new IllegalStateException("in pipeDataReceived");
              }

              @Override
              public void processExited() {
                super.processExited();
                throw new IllegalStateException("in processExited");
              }

              @Override
              public void connectionLost(Throwable exception) {
                super.connectionLost(exception);
                throw new IllegalStateException("in connectionLost");
              }
            };
        loop.subprocessShell(
            () -> events,
            "echo x",
            DEFAULT.withStdin(Redirect.DISCARD).withStderr(Redirect.STDOUT));
        events.awaitEvent("lost");
        asyncio.Asyncio.sleep(java.time.Duration.ZERO);
        assertThat(events.trail)
            .containsExactlyInAnyOrder("made", "data 1", "lost 1", "exited", "lost");
        assertThat(reports)
            .extracting(report -> report.exception().getMessage())
            .containsExactlyInAnyOrder(
                "in connectionMade",
                "in pipeDataReceived",
                "in processExited",
                "in connectionLost");
        assertThat(reports)
            .allSatisfy(report ->
                assertThat(report.get(ErrorContext.TRANSPORT)).isSameAs(events.transport));
      });
    });
  }

  @EachWay
  void aFloodThatNobodyTakesStopsTheChild(Way way) throws Exception {
    way.run(loop -> {
      var events =
          new ChildTrail(loop) {
            @Override
            public void pipeDataReceived(int fd, ByteBuffer data) {
              super.pipeDataReceived(fd, data);
              transport.stdout().pauseReading();
              add("paused");
            }
          };
      loop.subprocessExec(() -> events, List.of("yes"), DEFAULT);
      events.awaitEvent("paused");
      int taken = events.text(1).length();
      for (int i = 0; i < 20; i++) {
        asyncio.Asyncio.sleep(java.time.Duration.ofMillis(1));
      }
      assertThat(events.text(1)).hasSize(taken);
      events.transport.kill();
      events.awaitEvent("exited");
      assertThat(events.transport.returncode()).isEqualTo(-9);
      events.transport.close();
      events.awaitEvent("lost");
    });
  }
}
