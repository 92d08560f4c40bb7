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
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.ReadTransport;
import asyncio.net.WriteTransport;
import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import asyncio.process.Subprocess;
import asyncio.process.SubprocessTransport;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** PROC: starting processes. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ProcessStartTest {
  @TempDir Path folder;

  private static final ProcessOptions OUTPUT = DEFAULT.withStdout(Redirect.PIPE);

  private static String outputOf(ProcessOptions options, String... command) throws Exception {
    return createSubprocessExec(List.of(command), options).communicate().stdoutUtf8();
  }

  @EachWay
  @Spec("PROC-1")
  void execRunsAProgramWithoutAShellAndShellHandsOverOneString(Way way) throws Exception {
    way.run(loop -> {
      var program = new ChildTrail(loop);
      var started =
          loop.subprocessExec(
              () -> program,
              List.of("printf", "<%s>", "$HOME", "two words", "", "*", "a;b"),
              DEFAULT);
      assertThat(started.protocol()).isSameAs(program);
      assertThat(started.transport()).isSameAs(program.transport);
      program.awaitEvent("lost");
      assertThat(program.text(1)).isEqualTo("<$HOME><two words><><*><a;b>");

      var shell = new ChildTrail(loop);
      loop.subprocessShell(() -> shell, "x=3; echo $((x + 4)) | cat; echo error >&2", DEFAULT);
      shell.awaitEvent("lost");
      assertThat(shell.text(1)).isEqualTo("7\n");
      assertThat(shell.text(2)).isEqualTo("error\n");
    });
  }

  @EachWay
  @Spec("PROC-2")
  void theLowLevelCallsMakePipesAndTheOthersInherit(Way way) throws Exception {
    way.run(loop -> {
      SubprocessTransport transport =
          loop.subprocessExec(() -> new ChildTrail(loop), List.of("cat"), DEFAULT).transport();
      assertThat(transport.stdin()).isInstanceOf(WriteTransport.class);
      assertThat(transport.stdout()).isInstanceOf(ReadTransport.class);
      assertThat(transport.stderr()).isInstanceOf(ReadTransport.class);
      transport.close();

      for (var child : List.of(createSubprocessExec("true"), createSubprocessShell("exit 0"))) {
        assertThat(child.stdin()).isNull();
        assertThat(child.stdout()).isNull();
        assertThat(child.stderr()).isNull();
        assertThat(child.waitForExit()).isZero();
      }
    });
  }

  @EachWay
  @Spec({"PROC-2", "PROC-3"})
  void anInheritedStreamIsThatOfThisProcess(Way way) throws Exception {
    String own = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
    way.run(() -> {
      for (var options : List.of(OUTPUT, OUTPUT.withStderr(Redirect.INHERIT))) {
        assertThat(outputOf(options, "readlink", "/proc/self/fd/2")).isEqualTo(own + "\n");
      }
    });
  }

  @EachWay
  @Spec("PROC-3")
  void aStreamCanBeDiscarded(Way way) throws Exception {
    way.run(() -> {
      String script = "cat; echo read to the end; echo lost >&2";
      var child =
          createSubprocessShell(
              script, OUTPUT.withStdin(Redirect.DISCARD).withStderr(Redirect.DISCARD));
      var output = child.communicate();
      assertThat(output.stdoutUtf8()).isEqualTo("read to the end\n");
      assertThat(output.stderr()).isNull();
      assertThat(
              createSubprocessExec(
                      List.of("readlink", "/proc/self/fd/1"), DEFAULT.withStdout(Redirect.DISCARD))
                  .waitForExit())
          .isZero();
    });
  }

  @EachWay
  @Spec("PROC-3")
  void aStreamCanBeAFile(Way way) throws Exception {
    Path input = Files.writeString(folder.resolve("in"), "from the file\n");
    Path output = Files.writeString(folder.resolve("out"), "is cut away");
    Path errors = Files.writeString(folder.resolve("err"), "stays\n");
    way.run(() -> {
      var child =
          createSubprocessShell(
              "cat; echo wrong >&2",
              DEFAULT
                  .withStdin(Redirect.from(input))
                  .withStdout(Redirect.to(output))
                  .withStderr(Redirect.appendTo(errors)));
      assertThat(child.waitForExit()).isZero();
      assertThat(output).hasContent("from the file\n");
      assertThat(errors).hasContent("stays\nwrong\n");
      assertThatThrownBy(() ->
              createSubprocessExec(
                  List.of("cat"), DEFAULT.withStdin(Redirect.from(folder.resolve("none")))))
          .isInstanceOf(java.io.FileNotFoundException.class)
          .hasMessageContaining("none");
    });
  }

  @EachWay
  @Spec({"PROC-3", "PROC-9"})
  void childrenThatWaitForANamedPipeStopNoOthersAndCanBeCancelled(Way way) throws Exception {
    Path fifo = folder.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    way.run(() -> {
      List<Task<Subprocess>> waiting = new ArrayList<>();
      for (int i = 0; i <= Runtime.getRuntime().availableProcessors(); i++) {
        waiting.add(
            createTask(() ->
                createSubprocessExec(List.of("cat"), DEFAULT.withStdin(Redirect.from(fifo)))));
      }
      assertThat(createSubprocessExec(List.of("true"), DEFAULT).waitForExit()).isZero();
      assertThat(waiting).noneMatch(Task::isDone);
      waiting.forEach(Task::cancel);
      for (Task<Subprocess> task : waiting) {
        assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      }
    });
    Traces.assertNoChildren("cat");
  }

  @EachWay
  @Spec("PROC-3")
  void errorsCanGoToTheOutputInOrder(Way way) throws Exception {
    way.run(() -> {
      String script = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done";
      String both = "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nout 4\nerr 4\nout 5\nerr 5\n";
      var child = createSubprocessShell(script, OUTPUT.withStderr(Redirect.STDOUT));
      assertThat(child.stderr()).isNull();
      assertThat(child.communicate().stdoutUtf8()).isEqualTo(both);
      Path file = folder.resolve("both");
      assertThat(
              createSubprocessShell(
                      script, DEFAULT.withStdout(Redirect.to(file)).withStderr(Redirect.STDOUT))
                  .waitForExit())
          .isZero();
      assertThat(file).hasContent(both);
    });
  }

  @EachWay
  @Spec("PROC-3")
  void twoChildrenCanBeConnectedByAPipe(Way way) throws Exception {
    var traces = Traces.before();
    way.run(() -> {
      Pipe pipe = Pipe.open();
      var writer =
          createSubprocessShell(
              "for i in 1 2 3; do echo line $i; done", DEFAULT.withStdout(Redirect.to(pipe)));
      var reader = createSubprocessExec(List.of("wc", "-l"), OUTPUT.withStdin(Redirect.from(pipe)));
      assertThat(reader.communicate().stdoutUtf8().strip()).isEqualTo("3");
      assertThat(writer.waitForExit()).isZero();
      assertThat(pipe.sink().isOpen()).isFalse();
      assertThat(pipe.source().isOpen()).isFalse();

      Pipe other = Pipe.open(); // and in the other order
      reader = createSubprocessExec(List.of("wc", "-c"), OUTPUT.withStdin(Redirect.from(other)));
      writer =
          createSubprocessExec(List.of("printf", "12345"), DEFAULT.withStdout(Redirect.to(other)));
      assertThat(reader.communicate().stdoutUtf8().strip()).isEqualTo("5");
      assertThat(writer.waitForExit()).isZero();
    });
    traces.assertNoPipes();
  }

  @EachWay
  void aPipeThatWasUsedBeforeIsRefused(Way way) throws Exception {
    if (!way.selects()) {
      return; // there the bytes are moved, whatever was in the pipe before
    }
    way.run(() -> {
      Pipe pipe = Pipe.open();
      pipe.sink().write(ByteBuffer.allocate(3));
      assertThatThrownBy(
              () -> createSubprocessExec(List.of("cat"), OUTPUT.withStdin(Redirect.from(pipe))))
          .isInstanceOf(java.io.IOException.class)
          .hasMessageContaining("is not new");
      pipe.sink().close();
      pipe.source().close();
    });
  }

  @Test
  @Spec("PROC-3")
  void aStreamThatGoesTheOtherWayIsRefused() throws Exception {
    Path file = folder.resolve("file");
    for (Redirect output : List.of(Redirect.to(file), Redirect.appendTo(file), Redirect.STDOUT)) {
      assertThatThrownBy(() -> DEFAULT.withStdin(output))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stdin");
    }
    assertThatThrownBy(() -> DEFAULT.withStdout(Redirect.STDOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("STDOUT can only be used for stderr");
    for (var refused : List.of(Redirect.from(file))) {
      assertThatThrownBy(() -> DEFAULT.withStdout(refused))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stdout");
      assertThatThrownBy(() -> DEFAULT.withStderr(refused))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stderr");
    }
  }

  @EachWay
  @Spec("PROC-4")
  void aCommandIsMadeOfStringsWithoutNullBytes(Way way) throws Exception {
    way.run(loop -> {
      assertThatThrownBy(() -> createSubprocessExec(List.of(), DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("command is empty");
      assertThatThrownBy(() -> createSubprocessExec(Arrays.asList("echo", null), DEFAULT))
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("command");
      assertThatThrownBy(() -> createSubprocessExec(List.of("echo", "a\0b"), DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("embedded null byte in \"a\\0b\"");
      assertThatThrownBy(() -> createSubprocessShell("echo \0"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("embedded null byte");
      assertThatThrownBy(() -> createSubprocessShell(null))
          .isInstanceOf(NullPointerException.class);
    });
    Snippet.accepts("createSubprocessExec(\"echo\", \"x\");");
    Snippet.rejects("createSubprocessExec(\"echo\", 5);");
    Snippet.rejects("createSubprocessExec(\"echo\", \"x\".getBytes());");
    Snippet.rejects("createSubprocessShell(List.of(\"echo\", \"x\"));");
  }

  @EachWay
  @Spec("PROC-5")
  void whatCannotBeStartedIsToldApartAndLeavesNothingBehind(Way way) throws Exception {
    Path plain = Files.writeString(folder.resolve("plain"), "#!/bin/sh\n");
    Path badInterpreter = script(folder.resolve("bad"), "#!/not/there\n");
    way.run(() -> {
      createSubprocessExec("true").waitForExit(); // whatever is made once, is there
      var traces = Traces.before();
      var threads = Traces.pipeThreads();
      for (String missing : List.of("no-such-program", "/no/such/program")) {
        assertThatThrownBy(() -> createSubprocessExec(List.of(missing), PIPES))
            .isInstanceOf(NoSuchFileException.class)
            .hasMessageContaining(missing);
      }
      assertThatThrownBy(() -> createSubprocessExec(List.of(badInterpreter.toString()), PIPES))
          .isInstanceOf(NoSuchFileException.class);
      for (Path noProgram : List.of(plain, folder)) {
        assertThatThrownBy(() -> createSubprocessExec(List.of(noProgram.toString()), PIPES))
            .isInstanceOf(AccessDeniedException.class)
            .hasMessageContaining(noProgram.toString());
      }
      traces.assertNoPipes();
      assertThat(Traces.pipeThreads()).isEqualTo(threads);
    });
  }

  private static Path script(Path path, String text) throws Exception {
    Files.writeString(path, text);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @EachWay
  @Spec("PROC-6")
  void theWorkingDirectoryIsTheGivenOne(Way way) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    way.run(() -> {
      assertThat(outputOf(OUTPUT.withDirectory(folder), "pwd", "-P"))
          .isEqualTo(folder.toRealPath() + "\n");
      script(folder.resolve("here"), "#!/bin/sh\necho found here\n");
      assertThat(outputOf(OUTPUT.withDirectory(folder), "./here")).isEqualTo("found here\n");
      assertThatThrownBy(() -> outputOf(OUTPUT.withDirectory(folder.resolve("none")), "pwd"))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageContaining("no such working directory");
      assertThatThrownBy(() -> outputOf(OUTPUT.withDirectory(file), "pwd"))
          .isInstanceOf(NotDirectoryException.class);
    });
  }

  @EachWay
  @Spec("PROC-6")
  void theEnvironmentReplacesThatOfThisProcess(Way way) throws Exception {
    way.run(() -> {
      assertThat(outputOf(OUTPUT.withEnvironment(Map.of("A", "1 = one")), "env"))
          .isEqualTo("A=1 = one\n");
      assertThat(outputOf(OUTPUT.withEnvironment(Map.of()), "env")).isEmpty();
      assertThat(
              createSubprocessShell("echo $A", OUTPUT.withEnvironment(Map.of("A", "of the shell")))
                  .communicate()
                  .stdoutUtf8())
          .isEqualTo("of the shell\n");
      assertThat(outputOf(OUTPUT, "env")).contains("PATH=");
    });
    for (String bad : List.of("", "A=B", "A\0")) {
      assertThatThrownBy(() -> DEFAULT.withEnvironment(Map.of(bad, "x")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("environment");
    }
  }

  @EachWay
  @Spec("PROC-6")
  void anExecutableTakesThePlaceOfTheProgramOrOfTheShell(Way way) throws Exception {
    Path shell = script(folder.resolve("shell"), "#!/bin/sh\necho \"$@\"\n");
    way.run(() -> {
      assertThat(outputOf(OUTPUT.withExecutable(Path.of("/bin/echo")), "not run", "argument"))
          .isEqualTo("argument\n");
      assertThat(
              createSubprocessShell("a b", OUTPUT.withExecutable(shell)).communicate().stdoutUtf8())
          .isEqualTo("-c a b\n");
    });
  }

  @EachWay
  @Spec("PROC-8")
  void aChildHasOnlyItsOwnEndsOfThePipes(Way way) throws Exception {
    way.run(() -> {
      var first = createSubprocessExec(List.of("cat"), PIPES);
      var second = createSubprocessExec(List.of("cat"), PIPES); // would inherit the first's pipes
      first.stdin().close();
      assertThat(first.waitForExit()).isZero();
      assertThat(second.returncode()).isNull();
      second.stdin().close();
      assertThat(second.waitForExit()).isZero();

      var links = createSubprocessShell("for f in /proc/$$/fd/*; do readlink $f; done", PIPES);
      assertThat(links.communicate().stdoutUtf8().lines())
          .filteredOn(link -> link.startsWith("pipe:"))
          .hasSize(3)
          .doesNotHaveDuplicates();
    });
  }

  @EachWay
  @Spec("PROC-9")
  void aCancelledStartLeavesNoProcessAndNoPipe(Way way) throws Exception {
    String mark = "2718281"; // seconds, and what the processes are known by
    way.run(() -> {
      createSubprocessExec("true").waitForExit();
      var traces = Traces.before();
      int cancelled = 0;
      for (int micros = 0; micros < 6000; micros += 200) {
        Task<?> start =
            createTask(() -> {
              createSubprocessExec(List.of("sleep", mark), PIPES).close();
            });
        sleep(Duration.ofNanos(micros * 1000L));
        start.cancel();
        try {
          start.await();
        } catch (CancelledError e) {
          cancelled++;
          Traces.assertNoChildren(mark); // the task waited for its end
        }
      }
      assertThat(cancelled).isPositive();
      createSubprocessExec("true").waitForExit(); // lets the pipes that are closed go
      traces.assertNoPipes();
    });
  }

  @EachWay
  @Spec("PROC-9")
  void aStartThatIsCancelledWhenItsProtocolIsToldEndsWithTheProcess(Way way) throws Exception {
    way.run(loop -> {
      Task<?>[] start = new Task<?>[1];
      var events =
          new ChildTrail(loop) {
            @Override
            public void connectionMade(SubprocessTransport transport) {
              super.connectionMade(transport);
              start[0].cancel();
            }
          };
      start[0] =
          createTask(() -> {
            loop.subprocessExec(() -> events, List.of("sleep", "2718282"), DEFAULT);
          });
      assertThatThrownBy(start[0]::await).isInstanceOf(CancelledError.class);
      assertThat(Traces.isAlive(events.transport.pid())).isFalse();
      assertThat(events.transport.returncode()).isEqualTo(-9);
      events.awaitEvent("lost");
    });
  }

  @EachWay
  @Spec("PROC-9")
  void aStartThatWaitsForItsTurnIsDroppedWhenItIsCancelled(Way way) throws Exception {
    way.run(loop -> {
      List<Task<?>> starts = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        starts.add(
            createTask(() -> {
              createSubprocessExec(List.of("sleep", "2718283"), PIPES).close();
            }));
      }
      sleep(Duration.ZERO);
      starts.forEach(Task::cancel);
      for (Task<?> start : starts) {
        assertThatThrownBy(start::await).isInstanceOf(CancelledError.class);
      }
      Traces.assertNoChildren("2718283");
    });
  }

  @EachWay
  void theLoopGoesOnWhileAProcessIsStarted(Way way) throws Exception {
    way.run(loop -> {
      int[] turns = new int[1];
      var start = createTask(() -> createSubprocessExec("true"));
      while (!start.isDone()) {
        turns[0]++;
        sleep(Duration.ZERO);
      }
      assertThat(start.await().waitForExit()).isZero();
      assertThat(turns[0]).isGreaterThan(3);
    });
  }

  @EachWay
  void aLoopThatIsClosedKillsItsProcessesWithAWarning(Way way) throws Exception {
    long[] pid = new long[1];
    var traces = Traces.before();
    try (var log = new LogCapture()) {
      way.run(() -> {
        pid[0] = createSubprocessExec(List.of("sleep", "2718284"), PIPES).pid();
      });
      assertThat(log.texts(Level.WARNING))
          .singleElement()
          .asString()
          .contains("the loop is closed, so its process is killed")
          .contains("pid=" + pid[0]);
    }
    Traces.awaitEnd(pid[0]);
    Traces.assertNoChildren("2718284");
    traces.assertNoPipes();
  }

  @EachWay
  void aLoopThatIsClosedWhileAProcessIsStartedLeavesNone(Way way) throws Exception {
    var traces = Traces.before();
    way.onLoop(loop -> {
      CountDownLatch begun = new CountDownLatch(1);
      loop.createTask(() -> {
        begun.countDown();
        createSubprocessExec(List.of("sleep", "2718285"), PIPES);
      });
      var reports = Loops.collectReports(loop);
      Loops.runOnce(loop);
      assertThat(begun.getCount()).isZero();
      loop.close();
      assertThat(reports).hasSize(1); // the task that was pending
    });
    EventLoop other = LoopKind.preferred().newLoop(way.engine);
    for (int i = 0; i < 10; i++) { // by then the launcher has done the other as well
      other.runUntilComplete(() -> createSubprocessExec("true").waitForExit());
    }
    other.close();
    Traces.assertNoChildren("2718285");
    traces.assertNoPipes();
  }

  @EachWay
  void aSuspendingCallOutsideATaskIsRefused(Way way) throws Exception {
    way.onLoop(loop -> {
      var refused = new ArrayList<Throwable>();
      loop.callSoon(() -> {
        try {
          loop.subprocessExec(() -> new ChildTrail(loop), List.of("true"), DEFAULT);
        } catch (Exception e) {
          refused.add(e);
        }
      });
      Loops.runOnce(loop);
      assertThat(refused.getFirst()).isInstanceOf(IllegalStateException.class);
    });
  }
}
