package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.tools.Cli.Result;
import asyncio.tools.Program.Kind;
import asyncio.tools.programs.Waiting;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of other users: needs root, and {@code setpriv} of util-linux. */
class OtherUsersTest {
  private static final String[] AS_NOBODY = {
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
  };

  @TempDir Path folder;

  @BeforeEach
  void needsRootAndWhatNobodyMayRead() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs to run as root");
    List<String> java = new ArrayList<>(List.of(AS_NOBODY));
    java.addAll(List.of("test", "-x", Cli.ROOT.resolve("asyncio").toString()));
    try {
      assumeTrue(
          new ProcessBuilder(java).start().waitFor() == 0, "the launcher is not for all users");
    } catch (IOException e) {
      assumeTrue(false, "needs setpriv: " + e.getMessage());
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Copies a path of classes to where all users may read it. */
  private String readable(String path) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : path.split(File.pathSeparator)) {
      Path from = Path.of(entry);
      Path to = folder.resolve(copies.size() + "-" + from.getFileName());
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.toList()) {
          Path copy = to.resolve(from.relativize(file).toString());
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
          Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
      copies.add(to.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  @Test
  @Spec("GRAPH-25")
  void processOfAnotherUserIsNamedAsSuch() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class)) {
      Result result =
          new Cli()
              .under(AS_NOBODY)
              .with("ASYNCIO_MODULE_PATH", readable(Program.COMMANDS))
              .run("ps", program.pid());
      assertThat(result.err())
          .isEqualTo(
              "asyncio: process %d belongs to the user root; run the command as that user, or as root\n"
                  .formatted(program.pid()));
      assertThat(result.status()).isEqualTo(1);
    }
  }

  @Test
  void rootLooksIntoProcessesOfOthers() throws Exception {
    String path = readable(Program.LIBRARY + File.pathSeparator + Program.TESTS);
    try (Program program =
        Program.start(
            List.of(AS_NOBODY),
            Kind.CLASS_PATH_DIRECT,
            List.of("-cp", path),
            Waiting.class,
            List.of())) {
      Result result = new Cli().run("pstree", program.pid());
      assertThat(result.err()).isEmpty();
      assertThat(result.out()).startsWith("└── (T) Task-1\n");
      program.assertUndisturbed();
    }
  }
}
