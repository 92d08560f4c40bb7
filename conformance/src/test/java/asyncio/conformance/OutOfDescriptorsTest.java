package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.Transport;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** SRV-18 as it really happens: a process whose descriptors are used up. */
@Tag("slow")
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class OutOfDescriptorsTest {

  /** A server that uses up its descriptors, and gives them back when it has heard of it. */
  static final class Program {
    private Program() {}

    private static void print(String line) {
      System.out.println("> " + line);
      System.out.flush();
    }

    public static void main(String[] arguments) {
      run(Program::serve);
    }

    private static Future<String> over;

    private static void serve() throws Exception {
      EventLoop loop = getRunningLoop();
      List<FileInputStream> files = new ArrayList<>();
      loop.setExceptionHandler((_, context) -> {
        print(context.message());
        print(String.valueOf(context.exception()));
        closeAll(files);
      });
      over = loop.createFuture();
      Server server =
          loop.createServer(
              () ->
                  new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                      print("made");
                      transport.close();
                    }

                    @Override
                    public void connectionLost(Throwable exception) {
                      over.setResult("over");
                    }
                  },
              "127.0.0.1",
              0);
      print("port " + ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort());
      print(await(over));
      sleep(
          millis(1)); // on the portable engine the JDK opens its own poller at the first timed wait
      loadLibrary(
          Path.of(EventLoop.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
      over = loop.createFuture();
      try {
        while (true) {
          files.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException e) {
        // the descriptors are used up
      }
      print("hoards");
      print(await(over));
      server.close();
    }

    /** Loads every class now: later no file can be opened, and a class in a folder is a file. */
    private static void loadLibrary(Path folder) throws Exception {
      if (!Files.isDirectory(folder)) {
        return; // an archive, which is open already
      }
      try (var files = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = folder.relativize(file).toString().replace('/', '.');
          if (name.startsWith("asyncio.") && name.endsWith(".class")) {
            Class.forName(name.substring(0, name.length() - ".class".length()));
          }
        }
      }
    }

    private static void closeAll(List<FileInputStream> files) {
      for (FileInputStream file : files) {
        try {
          file.close();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @EachEngine
  @Spec("SRV-18")
  void aServerOutOfDescriptorsSaysSoAndGoesOnASecondLater(Engine engine) throws Exception {
    try (var program = ForkedProgram.startLimited(engine, "ulimit -n 120", Program.class)) {
      program.awaitLine("> port ");
      String line = program.printed().getLast();
      int port = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
      new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close();
      program.awaitLine("> hoards");
      try (var _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
        int code = program.exitCode();
        assertThat(code).as(String.join("\n", program.lines)).isZero();
      }
      assertThat(program.printed())
          .containsExactly(
              line,
              "made",
              "over",
              "hoards",
              "socket.accept() out of system resource",
              "java.io.IOException: Too many open files",
              "made",
              "over");
    }
  }

  /** Makes loops of every kind, with descriptors and without. */
  static final class MakesLoops {
    private MakesLoops() {}

    public static void main(String[] arguments) throws Exception {
      Program.loadLibrary(
          Path.of(EventLoop.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
      for (LoopKind kind : LoopKind.values()) {
        if (kind.isAvailable()) {
          make(kind);
          List<FileInputStream> files = new ArrayList<>();
          try {
            while (true) {
              files.add(new FileInputStream("/dev/null"));
            }
          } catch (IOException e) {
            // the descriptors are used up
          }
          for (int left = 0; left < 2; left++) { // not enough, and nothing of it is kept
            make(kind);
            files.removeLast().close();
          }
          Program.closeAll(files);
          make(kind);
        }
      }
    }

    private static void make(LoopKind kind) {
      try {
        kind.newLoop(Engine.PORTABLE).close();
        Program.print(kind + " made");
      } catch (UncheckedIOException e) {
        Program.print(kind + " " + e.getMessage());
      }
    }
  }

  @Test
  @Spec("HER-87")
  void aLoopThatGetsNoDescriptorsSaysSoAndKeepsNone() throws Exception {
    assumeTrue(LoopKind.EPOLL.isAvailable(), LoopKind.EPOLL.unavailableBecause());
    try (var program =
        ForkedProgram.startLimited(Engine.PORTABLE, "ulimit -n 120", MakesLoops.class)) {
      assertThat(program.exitCode()).as(String.join("\n", program.lines)).isZero();
      String selector = "SELECTOR cannot open a selector; are file descriptors exhausted?";
      String epoll = "EPOLL cannot open an epoll instance; are file descriptors exhausted?";
      assertThat(program.printed())
          .containsExactly(
              "SELECTOR made",
              selector,
              selector,
              "SELECTOR made",
              "EPOLL made",
              epoll,
              epoll,
              "EPOLL made");
    }
  }
}
