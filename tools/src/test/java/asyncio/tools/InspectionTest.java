package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.tools.Program.Kind;
import asyncio.tools.programs.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a look from outside opens in the process, and that it closes it again. */
class InspectionTest {
  private static final Path TCP = Path.of("/proc/net/tcp");
  private static final Path TCP6 = Path.of("/proc/net/tcp6");
  private static final String LISTENING = "0A";
  private static final String LOOPBACK = "0100007F";
  private static final String LOOPBACK6 = "0000000000000000FFFF00000100007F";

  /** The addresses, with their ports, on which a process listens. */
  private static Set<String> listening(long pid) throws IOException {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path link : links.toList()) {
        try {
          String target = Files.readSymbolicLink(link).toString();
          if (target.startsWith("socket:[")) {
            sockets.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (IOException e) {
          // closed meanwhile
        }
      }
    }
    Set<String> addresses = new HashSet<>();
    for (Path table : List.of(TCP, TCP6)) {
      if (Files.exists(table)) {
        for (String line : Files.readAllLines(table)) {
          String[] cells = line.strip().split("\\s+");
          if (cells.length > 9 && cells[3].equals(LISTENING) && sockets.contains(cells[9])) {
            addresses.add(cells[1]);
          }
        }
      }
    }
    return addresses;
  }

  /** The folders with the settings of an agent in this process. */
  private static List<Path> settings(Program program) throws IOException {
    String start = "asyncio-inspect-" + program.pid() + "-";
    try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(start)).toList();
    }
  }

  private static void assumeLinux() {
    assumeTrue(Files.exists(TCP), "needs /proc/net/tcp");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @Spec("GRAPH-26")
  void nothingStaysOpenAfterwards(Kind kind) throws Exception {
    assumeLinux();
    try (Program program = Program.start(kind, Waiting.class)) {
      try (Inspection inspection = Inspection.open(program.pid())) {
        assertThat(inspection.call("snapshot", 10, 10)).contains("\"Task-1\"");
        // Meanwhile one port, on the loopback address alone, for who can read the password.
        assertThat(listening(program.pid()))
            .hasSize(1)
            .allMatch(address -> address.matches("(" + LOOPBACK + "|" + LOOPBACK6 + "):.*"));
        List<Path> files = settings(program);
        assertThat(files).isNotEmpty();
        for (Path file : files) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
              .isEqualTo("rwx------");
        }
      }
      assertThat(listening(program.pid())).isEmpty();
      assertThat(settings(program)).isEmpty();
      program.assertUndisturbed();
    }
  }

  @Test
  void commandsAtTheSameTimeShareWhatIsOpenAndTheLastOneClosesIt() throws Exception {
    assumeLinux();
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class)) {
      Inspection first = Inspection.open(program.pid());
      Inspection second = Inspection.open(program.pid());
      assertThat(listening(program.pid())).hasSize(1);

      first.close();
      assertThat(listening(program.pid())).hasSize(1);
      assertThat(second.call("metrics")).startsWith("[{\"loop\":\"0x1\"");

      second.close();
      assertThat(listening(program.pid())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CLASS_PATH_DIRECT", "FEW_MODULES"})
  void processCleansUpBehindACommandThatDied(Kind kind) throws Exception {
    assumeLinux();
    try (Program program = Program.start(kind, Waiting.class)) {
      Inspection inspection = Inspection.open(program.pid(), 1); // and never closed
      assertThat(listening(program.pid())).hasSize(1);
      while (!listening(program.pid()).isEmpty() || !settings(program).isEmpty()) {
        Thread.onSpinWait(); // ended by the time limit of the test if it never happens
        Thread.sleep(20);
      }
      assertThatThrownBy(() -> inspection.call("metrics")).isInstanceOf(UserError.class);
      inspection.close();
      program.assertUndisturbed();
    }
  }

  @Test
  void processWithAManagementPortOfItsOwnIsLookedIntoAndKeepsIt() throws Exception {
    assumeLinux();
    int port;
    try (var socket = new java.net.ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (Program program =
        Program.start(
            Kind.CLASS_PATH_DIRECT,
            Waiting.class,
            "-Dcom.sun.management.jmxremote.port=" + port,
            "-Dcom.sun.management.jmxremote.authenticate=false",
            "-Dcom.sun.management.jmxremote.ssl=false")) {
      Set<String> before = listening(program.pid());
      try (Inspection inspection = Inspection.open(program.pid())) {
        assertThat(inspection.call("snapshot", 10, 10)).contains("\"Task-1\"");
      }
      assertThat(listening(program.pid())).isEqualTo(before).isNotEmpty();
    }
  }
}
