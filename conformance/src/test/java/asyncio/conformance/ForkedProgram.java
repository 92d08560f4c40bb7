package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own, for what concerns the whole process: signals, exit codes. */
final class ForkedProgram implements AutoCloseable {
  private static final long LIMIT_SECONDS = 45;

  private final Process process;
  private final BufferedReader output;

  /** What the program has printed so far, both streams together. */
  final List<String> lines = new ArrayList<>();

  private ForkedProgram(Process process) {
    this.process = process;
    this.output = process.inputReader();
    // A reader of the output cannot be interrupted, so the process has to end.
    CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS)
        .execute(process::destroyForcibly);
  }

  /** Starts {@code main}, whose class has a main method, through a shell that {@code exec}s it. */
  static ForkedProgram start(
      Engine engine, List<String> jvmOptions, Class<?> main, String... arguments)
      throws IOException {
    return start(engine, "", jvmOptions, main, arguments);
  }

  /** As {@link #start}, after a command of the shell that sets a limit. */
  static ForkedProgram startLimited(Engine engine, String limit, Class<?> main) throws IOException {
    return start(engine, limit + " && ", List.of(), main);
  }

  private static ForkedProgram start(
      Engine engine, String before, List<String> jvmOptions, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", before + "exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Dasyncio.engine=" + engine.name().toLowerCase(java.util.Locale.ROOT),
            "-XX:+UseSerialGC"));
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-Dasyncio.loop=" + LoopKind.preferred().name().toLowerCase(java.util.Locale.ROOT)));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ForkedProgram(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Reads the output up to a line that contains {@code text}. */
  void awaitLine(String text) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (line.contains(text)) {
        return;
      }
    }
    assertThat(lines).as("the program ended without printing: " + text).isEmpty();
  }

  /** Sends the signal that Ctrl-C sends. */
  void interrupt() throws IOException, InterruptedException {
    signal(Signal.INT);
  }

  void signal(Signal signal) throws IOException, InterruptedException {
    new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal.name() + " " + process.pid())
        .inheritIO()
        .start()
        .waitFor();
  }

  /** Waits for the end and returns the exit code. */
  int exitCode() throws IOException, InterruptedException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the program ends").isTrue();
    return process.exitValue();
  }

  /** What it printed, without what goes to the log. */
  List<String> printed() {
    return lines.stream()
        .filter(line -> line.startsWith("> "))
        .map(line -> line.substring(2))
        .toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
