package asyncio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.examples.Launcher.Result;
import asyncio.monitor.Monitor;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./asyncio run --monitor}, from the outside. */
class MonitorOptionTest {
  @TempDir Path folder;

  private Launcher launcher;

  @BeforeEach
  void packTheMonitor() throws Exception {
    Path jar = folder.resolve("asyncio-monitor-test.jar");
    pack(placeOf(Monitor.class), jar);
    launcher =
        new Launcher()
            .with(
                "ASYNCIO_MODULE_PATH",
                Stream.of(
                        Launcher.libraryClasses(),
                        jar,
                        placeOf(com.google.gson.Gson.class),
                        placeOf(org.apache.hc.core5.http.HttpException.class))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator)));
  }

  private static Path placeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** As Maven does, which has not done it yet when tests run. */
  private static void pack(Path classes, Path jar) throws IOException {
    if (!Files.isDirectory(classes)) {
      Files.copy(classes, jar);
      return;
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", "asyncio.monitor.MonitorAgent");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        Stream<Path> all = Files.walk(classes)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(
            new ZipEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
        Files.copy(each, out);
      }
    }
  }

  @Test
  void programIsShownWhileItRunsAndEndsAsItWould() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path program =
        Files.writeString(
            folder.resolve("Shown.java"),
            """
            import java.net.URI;
            import java.net.http.*;

            void main(String[] args) throws Exception {
              var page = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/")).build();
              try (var client = HttpClient.newHttpClient()) {
                var answer = client.send(page, HttpResponse.BodyHandlers.ofString());
                IO.println(answer.statusCode() + " " + answer.body().contains("asyncio monitor"));
              }
              System.exit(args.length);
            }
            """
                .formatted(port));
    Result result = launcher.run("run", "--monitor=" + port, program, "--monitor", "x");
    assertThat(result.out()).as(result.err()).isEqualTo("200 true\n");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("asyncio monitor: http://127.0.0.1:" + port + "/\n");
  }

  @Test
  void exampleIsShownOnAnyPort() throws Exception {
    Result result =
        launcher.run("run", "--monitor", Launcher.ROOT.resolve("examples/Monitored.java"), "0.5");
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.err()).containsPattern("asyncio monitor: http://127\\.0\\.0\\.1:[0-9]+/\n");
    assertThat(result.out()).startsWith("closing time");
  }

  @Test
  void otherAddressComesWithAToken() throws Exception {
    Path program = Files.writeString(folder.resolve("Ends.java"), "void main() {}");
    Result result = launcher.run("run", "--monitor=0.0.0.0:0", program);
    assertThat(result.err())
        .containsPattern("asyncio monitor: http://[0-9.]+:[0-9]+/\\?token=\\S{32,}\n");
  }

  @Test
  void badAddressesAreRefusedBeforeTheProgramRuns() throws Exception {
    Path program =
        Files.writeString(folder.resolve("Never.java"), "void main() { IO.println(1); }");
    for (String where : List.of("nowhere", "1:2:x")) {
      Result result = launcher.run("run", "--monitor=" + where, program);
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("PORT or ADDRESS:PORT", where);
    }
  }

  @Test
  void portThatIsTakenIsSaid() throws Exception {
    Path program =
        Files.writeString(folder.resolve("Never.java"), "void main() { IO.println(1); }");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Result result = launcher.run("run", "--monitor=" + taken.getLocalPort(), program);
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("127.0.0.1:" + taken.getLocalPort(), "any port");
    }
  }

  @Test
  void monitorThatIsNotThereIsSaid() throws Exception {
    Path program = Files.writeString(folder.resolve("Never.java"), "void main() {}");
    Result result = new Launcher().run("run", "--monitor", program);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("asyncio-monitor", "ASYNCIO_MODULE_PATH");
  }
}
