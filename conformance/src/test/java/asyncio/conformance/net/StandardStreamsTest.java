package asyncio.conformance.net;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.conformance.engine.ForkedJvm;
import asyncio.net.StandardStreams;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** PIPE-14: standard input and output of a program, each in a JVM of its own. */
@Tag("slow")
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class StandardStreamsTest {
  @TempDir Path folder;

  /** The programs. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      switch (arguments[0]) {
        case "echo" -> run(Program::echo);
        case "twice" -> twice();
        case "file" -> run(Program::file);
        case "writesMuch" -> run(Program::writesMuch);
        case "mixes" -> run(Program::mixes);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }

    /** Lines come back, while another task counts turns. */
    private static void echo() throws IOException {
      StreamReader input = StandardStreams.openInput();
      StreamWriter output = StandardStreams.openOutput();
      int[] turns = new int[1];
      var counter =
          Asyncio.createTask(() -> {
            while (turns[0] >= 0) {
              turns[0]++;
              sleep(Duration.ofMillis(1));
            }
          });
      output.writeUtf8("ready\n");
      output.drain();
      for (String line : input.utf8Lines()) {
        output.writeUtf8("got " + line + (turns[0] > 0 ? " and went on\n" : "\n"));
        output.drain();
      }
      counter.cancel();
      output.writeUtf8("end\n");
      output.close();
      output.waitClosed();
    }

    /** The first of two loops gives up before there is a line; the second gets it. */
    private static void twice() {
      run(() -> {
        StreamReader input = StandardStreams.openInput();
        try {
          timeout(Duration.ofMillis(1), input::readLine);
        } catch (TimeoutException e) {
          // its loop is closed now
        }
      });
      System.out.println("gave up");
      run(() -> System.out.println("line " + StandardStreams.openInput().readUtf8Line()));
    }

    /** And the end of the program does not wait for a line. */
    private static void file() throws IOException {
      StreamReader input = StandardStreams.openInput();
      System.out.println("first " + input.readUtf8Line());
      System.out.println("second " + input.readUtf8Line());
      System.out.println("end " + input.readUtf8Line());
    }

    private static void writesMuch() throws IOException {
      StreamWriter output = StandardStreams.openOutput();
      byte[] piece = new byte[100_000];
      Arrays.fill(piece, (byte) 'x');
      for (int i = 0; i < 50; i++) {
        output.write(piece);
      }
      output.close();
      output.waitClosed(); // without that the end of the loop would drop it, as of every transport
    }

    private static void mixes() throws IOException {
      StreamWriter output = StandardStreams.openOutput();
      System.out.print("printed ");
      output.writeUtf8("written ");
      output.close();
      output.waitClosed();
      System.out.println("printed after the close");
      var error =
          getRunningLoop()
              .connectWritePipe(
                  () -> new asyncio.net.FlowControl(getRunningLoop()), StandardStreams.err());
      error.transport().write("to standard error\n".getBytes());
      error.transport().close();
      error.protocol().waitClosed();
    }
  }

  private static ForkedJvm program(Engine engine, String what) {
    return ForkedJvm.of(Program.class)
        .withFlags(
            "-Dasyncio.engine=" + engine.name().toLowerCase(Locale.ROOT),
            "-Djava.util.logging.config.file=/dev/null",
            "-XX:TieredStopAtLevel=1")
        .withArguments(what);
  }

  @EachEngine
  @Spec("PIPE-14")
  void linesAreReadAndWrittenWhileTheLoopGoesOn(Engine engine) throws Exception {
    var running = program(engine, "echo").start();
    running.awaitOutput("ready\n").send("one\n");
    running.awaitOutput("got one and went on\n").send("two\nthree").endInput();
    assertThat(running.await().lines())
        .containsExactly(
            "ready", "got one and went on", "got two and went on", "got three and went on", "end");
  }

  @EachEngine
  @Spec("PIPE-14")
  void aLoopThatGivesUpLeavesTheInputToTheNext(Engine engine) {
    var running = program(engine, "twice").start();
    running.awaitOutput("gave up\n").send("typed later\n");
    var result = running.await(); // although standard input stays open
    assertThat(result.lines()).containsExactly("gave up", "line typed later");
    assertThat(result.exitCode()).isZero();
  }

  @EachEngine
  @Spec("PIPE-14")
  void aFileAsStandardInputIsReadFromWhereItStands(Engine engine) throws Exception {
    Path input = Files.writeString(folder.resolve("input"), "taken by another\none\ntwo\n");
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "read line; exec \"$@\"", "sh"));
    command.addAll(program(engine, "file").command());
    Process process =
        new ProcessBuilder(command).redirectInput(input.toFile()).redirectErrorStream(true).start();
    assertThat(process.inputReader().lines())
        .containsExactly("first one", "second two", "end null");
  }

  @EachEngine
  @Spec("PIPE-14")
  void allOfWhatIsWrittenArrives(Engine engine) {
    var result = program(engine, "writesMuch").run();
    assertThat(result.out()).hasSize(5_000_000);
  }

  @EachEngine
  @Spec("PIPE-14")
  void writingComesBehindWhatWasPrintedAndClosingLeavesTheStreamOpen(Engine engine) {
    var result = program(engine, "mixes").run();
    assertThat(result.out()).isEqualTo("printed written printed after the close\n");
    assertThat(result.err()).isEqualTo("to standard error\n");
  }
}
