package asyncio.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the operating system says about a process, before anything is asked of the process itself.
 *
 * <p>Attaching to what is no JVM takes more than five seconds to fail, since the JDK waits for an
 * answer; looking into {@code /proc} first gives the reason at once. Systems without {@code /proc}
 * do without that.
 */
final class ProcessFacts {
  private static final Path PROC = Path.of("/proc");
  private static final Path SELF = PROC.resolve("self");

  private ProcessFacts() {}

  /** Throws, with the reason, if a process cannot be attached to. */
  static void checkJvm(long pid) throws UserError {
    if (ProcessHandle.of(pid).isEmpty()) {
      throw new UserError("no process has the id " + pid + "; `./asyncio ps` lists those that fit");
    }
    if (!Files.isDirectory(SELF)) {
      return;
    }
    Path folder = PROC.resolve(Long.toString(pid));
    try {
      Object owner = Files.getAttribute(folder, "unix:uid");
      Object me = Files.getAttribute(SELF, "unix:uid");
      if (!owner.equals(me) && !me.equals(0)) {
        throw new UserError(
            "process %d belongs to the user %s; run the command as that user, or as root"
                .formatted(pid, Files.getOwner(folder).getName()));
      }
      if (!hasJvm(folder)) {
        throw new UserError("process %d (%s) is no JVM".formatted(pid, name(folder)));
      }
    } catch (NoSuchFileException e) {
      throw new UserError("process %d has just ended".formatted(pid), e);
    } catch (IOException | UncheckedIOException e) {
      throw new UserError("process %d cannot be read: %s".formatted(pid, e.getMessage()), e);
    }
  }

  /** All JVMs that may be attached to, as far as the operating system tells. */
  static Set<Long> jvms() {
    if (!Files.isDirectory(SELF)) {
      return Set.of();
    }
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(ProcessFacts::isJvm)
        .collect(Collectors.toSet());
  }

  private static boolean isJvm(long pid) {
    try {
      checkJvm(pid);
      return true;
    } catch (UserError e) {
      return false;
    }
  }

  private static boolean hasJvm(Path folder) throws IOException {
    // Not all lines are text: a file name may be anything.
    try (Stream<String> lines = Files.lines(folder.resolve("maps"), StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> line.contains("/libjvm."));
    }
  }

  private static String name(Path folder) throws IOException {
    return Files.readString(folder.resolve("comm"), StandardCharsets.ISO_8859_1).strip();
  }

  /**
   * A path to the root of the file system as a process sees it, which is another one in a
   * container, or where the process has a folder for temporary files of its own.
   */
  static Path root(long pid) {
    Path ours = Path.of("/");
    Path root = PROC.resolve(Long.toString(pid)).resolve("root");
    try {
      // Ours if it will do: the other path ends with the process.
      return !Files.isDirectory(root) || Files.isSameFile(root.resolve("tmp"), Path.of("/tmp"))
          ? ours
          : root;
    } catch (IOException e) {
      return ours;
    }
  }
}
