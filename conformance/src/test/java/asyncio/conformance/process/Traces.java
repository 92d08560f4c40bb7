package asyncio.conformance.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What processes may leave behind: descriptors, threads, children. */
final class Traces {
  private static final long PATIENCE_NANOS = 20_000_000_000L;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final Set<String> pipes = pipes();

  private Traces() {}

  /** Looks at what there is before. */
  static Traces before() throws IOException {
    return new Traces();
  }

  {
    assertThat(Files.isDirectory(DESCRIPTORS)).as("these tests need Linux").isTrue();
  }

  private static Set<String> pipes() {
    Set<String> links = new TreeSet<>();
    try (var all = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : all) {
        try {
          String link = Files.readSymbolicLink(each).toString();
          if (link.startsWith("pipe:")) {
            links.add(link);
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return links;
  }

  /**
   * Fails if there are pipes that were not there before, and stay. Threads that start processes may
   * be busy with one that nobody waits for any more; what they close is announced to nobody.
   */
  void assertNoPipes() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    Set<String> now = newPipes();
    while (!now.isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      now = newPipes();
    }
    assertThat(now).as("pipes left behind").isEmpty();
  }

  private Set<String> newPipes() {
    Set<String> now = pipes();
    now.removeAll(pipes);
    return now;
  }

  /**
   * Fails if a child of this process runs, or waits to be collected, whose command has the text.
   */
  static void assertNoChildren(String text) {
    ProcessHandle.current()
        .descendants()
        .filter(child -> commandLine(child).contains(text))
        .forEach(child -> {
          throw new AssertionError("left behind: " + child.pid() + " " + commandLine(child));
        });
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (ProcessHandle.current().children().anyMatch(Traces::isZombie)) {
      assertThat(System.nanoTime()).as("a child is not collected").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static boolean isZombie(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
    } catch (IOException e) {
      return false; // collected meanwhile
    }
  }

  static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  static void awaitEnd(long pid) {
    ProcessHandle.of(pid).map(ProcessHandle::onExit).ifPresent(CompletableFuture::join);
  }

  /** The names of this library's threads that serve pipes. */
  static Set<String> pipeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("asyncio-pipe-"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
