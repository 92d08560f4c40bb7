package asyncio.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.resolver.programs.CancelledLookUp;
import asyncio.resolver.programs.FoundByTheJdk;
import asyncio.resolver.programs.LookUpsInTasks;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The resolver inside a JVM of its own, below the JDK's {@code InetAddress} and its cache. */
class ProgramTest {
  private static final String LIBRARY = folderOf(Asyncio.class);
  private static final String RESOLVER = folderOf(SuspendingResolver.class);
  private static final String TESTS = folderOf(LookUpsInTasks.class);

  @TempDir Path folder;

  @Test
  void tasksLookUpConcurrentlyWhileTheLoopGoesOn() throws Exception {
    assertThat(run(classPath(TESTS, RESOLVER, LIBRARY), LookUpsInTasks.class))
        .startsWith(
            "both names are looked up",
            "a callback runs",
            "a timer runs",
            "second: other.held.test/192.0.2.1:80")
        .containsOnlyOnce("first: one.held.test/192.0.2.1", "third: one.held.test/192.0.2.1")
        .hasSize(6);
  }

  @Test
  void cancelledTaskEndsAtOnceAndItsNameIsNotRememberedAsUnknown() throws Exception {
    assertThat(run(classPath(TESTS, RESOLVER, LIBRARY), CancelledLookUp.class))
        .containsExactly("cancelled: enough", "found: 192.0.2.1");
  }

  @Test
  void jdkFindsTheResolverOnTheClassPath() throws Exception {
    assertFound(classPath(RESOLVER, LIBRARY, TESTS));
  }

  @Test
  void jdkFindsTheResolverOnTheModulePath() throws Exception {
    assertFound(List.of("-p", LIBRARY + File.pathSeparator + RESOLVER, "-cp", TESTS));
  }

  private void assertFound(List<String> paths) throws Exception {
    assertThat(run(paths, FoundByTheJdk.class))
        .containsExactly(
            "unknown: platform.invalid",
            "after the platform thread: false",
            "unknown: virtual.invalid",
            "after the virtual thread: true");
  }

  private static List<String> classPath(String... folders) {
    return List.of("-cp", String.join(File.pathSeparator, folders));
  }

  private List<String> run(List<String> paths, Class<?> program)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
    command.add("-Dasyncio.engine=direct");
    command.addAll(paths);
    command.add(program.getName());
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    assertThat(process.exitValue())
        .as(() -> "exit code; written: " + read(out) + read(err))
        .isZero();
    return read(out).lines().toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String folderOf(Class<?> type) {
    String name = type.getName().replace('.', '/') + ".class";
    String url = String.valueOf(type.getResource("/" + name));
    return Path.of(URI.create(url.substring(0, url.length() - name.length()))).toString();
  }
}
