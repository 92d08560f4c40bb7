package asyncio.internal.process;

import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes, which takes some milliseconds each: on a few daemon threads that all loops
 * share, and that end when there is nothing to start.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Launcher {
  private static final int NO_ENTRY = 2;
  private static final int NO_ACCESS = 13;

  /** The JDK gives the number of the error in its text only, in one of two forms. */
  private static final Pattern ERROR_NUMBER = Pattern.compile("error[:=] ?(\\d+)");

  /** More at once would not make it faster. */
  private static final Executor THREADS = threads(Runtime.getRuntime().availableProcessors());

  private Launcher() {}

  private static Executor threads(int count) {
    AtomicInteger made = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            count,
            count,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work ->
                Thread.ofPlatform()
                    .daemon()
                    .name("asyncio-process-" + made.incrementAndGet())
                    .inheritInheritableThreadLocals(false)
                    .unstarted(work));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Has {@code work} done on one of the threads. It may block, for a short time. */
  static void execute(Runnable work) {
    THREADS.execute(work);
  }

  /**
   * Starts a process; blocks.
   *
   * @throws NoSuchFileException if there is no such program, or directory
   * @throws AccessDeniedException if it may not be executed
   */
  static Started start(Command command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command.words());
    ProcessOptions options = command.options();
    setDirectory(builder, options.directory());
    if (options.environment() != null) {
      builder.environment().clear();
      builder.environment().putAll(options.environment());
    }
    ChildPipes pipes = usesSelectablePipes() ? new SelectablePipes() : new StreamPipes();
    Process process = null;
    try {
      builder.redirectInput(redirect(pipes, 0, command.stdin()));
      builder.redirectOutput(redirect(pipes, 1, command.stdout()));
      if (command.stderr() == Redirect.STDOUT) {
        builder.redirectErrorStream(true);
      } else {
        builder.redirectError(redirect(pipes, 2, command.stderr()));
      }
      process = startOrExplain(builder, command.words().getFirst());
      pipes.started(process);
      return new Started(command, process, pipes);
    } catch (Throwable t) {
      if (process != null) {
        process.destroyForcibly();
      }
      pipes.close();
      throw t;
    }
  }

  /** The system property is for systems that have the files of Linux, but not their meaning. */
  private static boolean usesSelectablePipes() throws IOException {
    return !"threads".equals(System.getProperty("asyncio.process.pipes"))
        && PipeDescriptors.isPossible();
  }

  private static void setDirectory(ProcessBuilder builder, @Nullable Path directory)
      throws IOException {
    if (directory == null) {
      return;
    }
    // The system's own error could be the program's as well.
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such working directory");
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    builder.directory(directory.toFile());
  }

  private static ProcessBuilder.Redirect redirect(ChildPipes pipes, int fd, Redirect to)
      throws IOException {
    return switch (to) {
      case Redirect.Fixed fixed ->
          switch (fixed) {
            case PIPE -> pipes.newPipe(fd);
            case INHERIT -> ProcessBuilder.Redirect.INHERIT;
            case DISCARD ->
                fd == 0
                    ? ProcessBuilder.Redirect.from(
                        new File(File.separatorChar == '/' ? "/dev/null" : "NUL"))
                    : ProcessBuilder.Redirect.DISCARD;
            case STDOUT -> throw new AssertionError("is for standard error only");
          };
      case Redirect.FromFile(Path file) -> ProcessBuilder.Redirect.from(file.toFile());
      case Redirect.ToFile(Path file, boolean append) ->
          append
              ? ProcessBuilder.Redirect.appendTo(file.toFile())
              : ProcessBuilder.Redirect.to(file.toFile());
      case Redirect.FromPipe(var pipe) -> pipes.sharedPipe(fd, pipe);
      case Redirect.ToPipe(var pipe) -> pipes.sharedPipe(fd, pipe);
    };
  }

  private static Process startOrExplain(ProcessBuilder builder, String program) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw explained(e, program);
    }
  }

  private static IOException explained(IOException e, String program) {
    if (e.getCause() instanceof java.io.FileNotFoundException redirected) {
      return redirected; // a file that a stream was to come from or to go to
    }
    Matcher number = ERROR_NUMBER.matcher(String.valueOf(e.getMessage()));
    int error = number.find() ? Integer.parseInt(number.group(1)) : 0;
    IOException explained =
        switch (error) {
          case NO_ENTRY -> new NoSuchFileException(program, null, "no such program");
          case NO_ACCESS -> new AccessDeniedException(program, null, "may not be executed");
          default -> null;
        };
    if (explained == null) {
      return e;
    }
    explained.initCause(e);
    return explained;
  }
}
