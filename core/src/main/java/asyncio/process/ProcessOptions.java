package asyncio.process;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to start a child process. Immutable: each {@code with} method returns changed options.
 *
 * <p>Bytes are all that passes: there is no text mode, and no buffer beside the transport's.
 *
 * @param stdin where the child's input comes from; null for the default of the call
 * @param stdout where its output goes; null for the default of the call
 * @param stderr where its errors go; null for the default of the call
 * @param directory where it runs; null for where this process runs
 * @param environment all variables that it has; null for those of this process
 * @param executable the file to run in place of the first word of the command, or in place of the
 *     system's shell; null for those
 * @param limit how many bytes a line of the streams may have; also half of what may pile up there
 */
public record ProcessOptions(
    @Nullable Redirect stdin,
    @Nullable Redirect stdout,
    @Nullable Redirect stderr,
    @Nullable Path directory,
    @Nullable Map<String, String> environment,
    @Nullable Path executable,
    int limit) {
  private static final int DEFAULT_LIMIT = 64 * 1024;

  /** Everything as the call has it by default, or as this process has it. */
  public static final ProcessOptions DEFAULT =
      new ProcessOptions(null, null, null, null, null, null, DEFAULT_LIMIT);

  /** Pipes for all three streams. */
  public static final ProcessOptions PIPES =
      DEFAULT.withStdin(Redirect.PIPE).withStdout(Redirect.PIPE).withStderr(Redirect.PIPE);

  /**
   * @throws IllegalArgumentException if a stream cannot be redirected so, a variable has an
   *     impossible name or value, or the limit is not positive
   */
  public ProcessOptions {
    checkInput(stdin);
    checkOutput("stdout", stdout);
    if (stdout == Redirect.STDOUT) {
      throw new IllegalArgumentException(
          "stdout: STDOUT can only be used for stderr; it says that stderr goes where stdout goes");
    }
    checkOutput("stderr", stderr);
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    if (environment != null) {
      environment.forEach(ProcessOptions::checkVariable);
      environment = Map.copyOf(environment);
    }
  }

  private static void checkInput(@Nullable Redirect stdin) {
    if (stdin == Redirect.STDOUT
        || stdin instanceof Redirect.ToFile
        || stdin instanceof Redirect.ToPipe) {
      throw new IllegalArgumentException(
          "stdin: " + stdin + " is for output; use PIPE, INHERIT, DISCARD or Redirect.from(…)");
    }
  }

  private static void checkOutput(String name, @Nullable Redirect stream) {
    if (stream instanceof Redirect.FromFile || stream instanceof Redirect.FromPipe) {
      throw new IllegalArgumentException(
          name + ": " + stream + " is for input; use PIPE, INHERIT, DISCARD or Redirect.to(…)");
    }
  }

  private static void checkVariable(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("environment: illegal environment variable name: " + name);
    }
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("environment: embedded null byte in the value of " + name);
    }
  }

  public ProcessOptions withStdin(@Nullable Redirect stdin) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  public ProcessOptions withStdout(@Nullable Redirect stdout) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  public ProcessOptions withStderr(@Nullable Redirect stderr) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  public ProcessOptions withDirectory(@Nullable Path directory) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  /** These variables and no others (spec PROC-6). */
  public ProcessOptions withEnvironment(@Nullable Map<String, String> environment) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  public ProcessOptions withExecutable(@Nullable Path executable) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }

  public ProcessOptions withLimit(int limit) {
    return new ProcessOptions(stdin, stdout, stderr, directory, environment, executable, limit);
  }
}
