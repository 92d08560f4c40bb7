package asyncio.conformance.engine;

import asyncio.EventLoop;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a JVM of its own, for rules about a whole JVM.
 *
 * <pre>{@code
 * var result = ForkedJvm.of(ExitsInTask.class).onModulePath().withFlags("-Dx=y").run();
 * assertThat(result.exitCode()).isEqualTo(5);
 * }</pre>
 */
public final class ForkedJvm {
  private static final long LIMIT_SECONDS = 40;

  /** How a JVM ended; {@code exitCode} is 128 + the signal's number if a signal ended it. */
  public record Result(int exitCode, String out, String err) {
    public List<String> lines() {
      return out.lines().toList();
    }
  }

  private final Class<?> mainClass;
  private final List<String> flags = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private boolean modulePath;
  private boolean opens = true;

  private ForkedJvm(Class<?> mainClass) {
    this.mainClass = mainClass;
  }

  /** With the library on the class path, and the flag that makes the direct engine available. */
  public static ForkedJvm of(Class<?> mainClass) {
    return new ForkedJvm(mainClass);
  }

  public ForkedJvm onModulePath() {
    modulePath = true;
    return this;
  }

  /** Without the flag that makes the direct engine available. */
  public ForkedJvm withoutOpens() {
    opens = false;
    return this;
  }

  public ForkedJvm withFlags(String... added) {
    flags.addAll(List.of(added));
    return this;
  }

  public ForkedJvm withArguments(String... added) {
    arguments.addAll(List.of(added));
    return this;
  }

  /**
   * Runs it to its end; past the time limit it is killed and the test fails with what it has
   * written.
   */
  public Result run() {
    return start().await();
  }

  public Running start() {
    try {
      return new Running(new ProcessBuilder(command()).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What starts it. */
  public List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String library = locationOf(EventLoop.class);
    String tests = locationOf(ForkedJvm.class);
    if (modulePath) {
      command.addAll(List.of("-p", library, "--add-modules", "asyncio", "-cp", tests));
    } else {
      command.addAll(List.of("-cp", library + File.pathSeparator + tests));
    }
    if (opens) {
      command.addAll(
          List.of(
              "--add-opens", "java.base/java.lang=" + (modulePath ? "asyncio" : "ALL-UNNAMED")));
    }
    command.addAll(flags);
    command.add(mainClass.getName());
    command.addAll(arguments);
    return command;
  }

  private static String locationOf(Class<?> type) {
    return Path.of(
            java.net.URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  /** A JVM that runs. */
  public static final class Running {
    private final Process process;
    private final StringBuffer out = new StringBuffer();
    private final CompletableFuture<Void> outRead;
    private final StringBuffer err = new StringBuffer();
    private final CompletableFuture<Void> errRead;

    private Running(Process process) {
      this.process = process;
      this.outRead =
          CompletableFuture.runAsync(
              () -> read(process.getInputStream(), out), task -> daemon(task));
      this.errRead =
          CompletableFuture.runAsync(
              () -> read(process.getErrorStream(), err), task -> daemon(task));
    }

    /** Waits until the JVM has written {@code text} to its standard output. */
    public Running awaitOutput(String text) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      synchronized (out) {
        while (out.indexOf(text) < 0) {
          if (System.nanoTime() > deadline || outRead.isDone()) {
            process.destroyForcibly();
            throw new AssertionError("never wrote '" + text + "'; " + written());
          }
          try {
            out.wait(100);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
      }
      return this;
    }

    /** Writes to its standard input. */
    public Running send(String text) {
      try {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    /** Closes its standard input. */
    public Running endInput() {
      try {
        process.getOutputStream().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    /** Sends SIGTERM. */
    public Running terminate() {
      process.toHandle().destroy(); // Process.destroy() closes the streams as well
      return this;
    }

    public Result await() {
      try {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
          throw new AssertionError("did not end within " + LIMIT_SECONDS + " s; " + written());
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        throw new IllegalStateException(e);
      }
      outRead.join();
      errRead.join();
      return new Result(process.exitValue(), out.toString(), err.toString());
    }

    private String written() {
      return "standard output:\n" + out + "\nstandard error:\n" + err;
    }

    private static void read(InputStream in, StringBuffer into) {
      try (var reader = new java.io.InputStreamReader(in, StandardCharsets.UTF_8)) {
        char[] buffer = new char[1024];
        for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
          synchronized (into) {
            into.append(buffer, 0, n);
            into.notifyAll();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void daemon(Runnable task) {
      Thread.ofPlatform().daemon().start(task);
    }
  }
}
