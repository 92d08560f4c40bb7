package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createSubprocessExec;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.openUnixConnection;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.startServer;
import static asyncio.Asyncio.startUnixServer;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.ClientHandler;
import asyncio.net.DatagramOptions;
import asyncio.net.Streams;
import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import java.io.File;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HER: a little of everything that waits for I/O, on each kind of loop. All tests run on the second
 * one with {@code -Dasyncio.loop=epoll}.
 */
@DisabledOnOs(OS.WINDOWS)
class EveryLoopTest {
  private static final ClientHandler ECHO =
      (reader, writer) -> {
        try (writer) {
          for (String line : reader.utf8Lines()) {
            writer.writeUtf8(line + "\n");
            writer.drain();
          }
        }
      };

  private final List<String> trail = new ArrayList<>();
  @TempDir private Path folder;

  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("kindsAndEngines")
  @interface EachLoop {}

  static Stream<Arguments> kindsAndEngines() {
    return Stream.of(LoopKind.values())
        .flatMap(kind -> Stream.of(Engine.values()).map(engine -> Arguments.of(kind, engine)));
  }

  private interface Main {
    void run(EventLoop loop) throws Exception;
  }

  /** Runs {@code main} on a fresh loop; nothing may be reported to the exception handler. */
  private static void on(LoopKind kind, Engine engine, Main main) {
    assumeTrue(kind.isAvailable(), kind.unavailableBecause());
    List<ErrorContext> reports = new ArrayList<>();
    ChannelEventLoop loop = kind.newLoop(engine);
    loop.setExceptionHandler((_, context) -> reports.add(context));
    try {
      loop.runUntilComplete(() -> main.run(loop));
    } finally {
      loop.close();
    }
    assertThat(reports).isEmpty();
  }

  private static void assertEchoes(Streams streams) throws IOException {
    try (streams) {
      for (String line : List.of("one", "two", "x".repeat(30_000))) {
        streams.writer().writeUtf8(line + "\n");
        assertThat(streams.reader().readUtf8Line()).isEqualTo(line);
      }
      streams.writer().writeEof();
      assertThat(streams.reader().readUtf8Line()).isNull();
    }
  }

  @EachLoop
  @Spec("HER-87")
  void streamsOverTcp(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        _ -> {
          try (var server = startServer(ECHO, "127.0.0.1", 0);
              var _ = server.scope()) {
            var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
            List<Task<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
              clients.add(
                  createTask(() -> {
                    assertEchoes(openConnection("127.0.0.1", address.getPort()));
                    return null;
                  }));
            }
            await(gather(clients));
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void streamsOverUnixSockets(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        _ -> {
          Path path = folder.resolve("socket");
          try (var _ = startUnixServer(ECHO, path).scope()) {
            assertEchoes(openUnixConnection(path));
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void bulkInBothDirectionsUnderFlowControl(LoopKind kind, Engine engine) {
    byte[] data = new byte[3_000_000];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31 >> 3);
    }
    ClientHandler mirror =
        (reader, writer) -> {
          try (writer) {
            for (byte[] part = reader.read(70_000); part.length > 0; part = reader.read(70_000)) {
              writer.write(part);
              writer.drain();
            }
          }
        };
    on(
        kind,
        engine,
        _ -> {
          try (var server = startServer(mirror, "127.0.0.1", 0);
              var _ = server.scope()) {
            var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
            try (Streams streams = openConnection("127.0.0.1", address.getPort())) {
              var sending =
                  createTask(() -> {
                    streams.writer().write(data);
                    streams.writer().drain();
                  });
              assertThat(streams.reader().readExactly(data.length)).isEqualTo(data);
              await(sending);
            }
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void datagrams(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        loop -> {
          var one =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local("127.0.0.1", 0));
          var address = (InetSocketAddress) one.transport().getExtraInfo("sockname");
          var other =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.remote("127.0.0.1", address.getPort()));
          other.transport().sendTo("hello".getBytes());
          one.protocol().untilReceived(1);
          assertThat(one.protocol().received()).containsExactly("hello");
          one.transport().close();
          other.transport().abort();
          one.protocol().untilLost();
          other.protocol().untilLost();
        });
  }

  @EachLoop
  @Spec("HER-87")
  @SuppressWarnings("try") // the socket is closed behind the loop's back
  void operationsOnChannelsOfTheProgram(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        loop -> {
          try (var server = ServerSocketChannel.open();
              var client = SocketChannel.open()) {
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            server.configureBlocking(false);
            client.configureBlocking(false);
            var accepting = createTask(() -> loop.sockAccept(server));
            loop.sockConnect(client, server.getLocalAddress());
            try (var accepted = await(accepting).channel()) {
              var receiving = createTask(() -> loop.sockRecv(client, 100));
              sleep(millis(1));
              loop.sockSendall(accepted, ByteBuffer.wrap("hello".getBytes()));
              assertThat(await(receiving)).isEqualTo("hello".getBytes());

              var cancelled = createTask(() -> loop.sockRecv(client, 100));
              sleep(millis(1));
              cancelled.cancel();
              loop.sockSendall(accepted, ByteBuffer.wrap("again".getBytes()));
              assertThat(loop.sockRecv(client, 100)).isEqualTo("again".getBytes());

              var failing = createTask(() -> loop.sockRecv(client, 100));
              sleep(millis(1));
              client.close(); // behind the loop
              assertThatThrownBy(() -> await(failing, IOException.class))
                  .isInstanceOf(ClosedChannelException.class);
            }
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void callbacksOfReadiness(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        loop -> {
          Pipe pipe = Pipe.open();
          pipe.source().configureBlocking(false);
          pipe.sink().configureBlocking(false);
          Future<String> over = loop.createFuture();
          loop.addWriter(
              pipe.sink(),
              () -> {
                trail.add("writable");
                loop.removeWriter(pipe.sink());
                write(pipe);
              });
          loop.addReader(
              pipe.source(),
              () -> {
                trail.add("readable");
                loop.removeReader(pipe.source());
                over.setResult("over");
              });
          await(over);
          pipe.source().close();
          pipe.sink().close();
        });
    assertThat(trail).containsExactly("writable", "readable");
  }

  private static void write(Pipe pipe) {
    try {
      pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @EachLoop
  @Spec("HER-87")
  void transportsOfPipes(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        loop -> {
          Pipe pipe = Pipe.open();
          TrailProtocol reading = new TrailProtocol("", trail);
          loop.connectReadPipe(() -> reading, pipe.source());
          var writing =
              loop.connectWritePipe(() -> new TrailProtocol("w ", new ArrayList<>()), pipe.sink());
          writing.transport().write("hello".getBytes());
          writing.transport().writeEof();
          await(reading.lost);

          Pipe broken = Pipe.open();
          List<String> end = new ArrayList<>();
          TrailProtocol lost = new TrailProtocol("", end);
          var hopeless = loop.connectWritePipe(() -> lost, broken.sink());
          broken.source().close();
          hopeless.transport().write(new byte[1]);
          await(lost.lost);
          assertThat(end).containsExactly("made", "lost BrokenPipeException");
        });
    assertThat(trail).containsExactly("made", "data hello", "eof", "lost");
  }

  @EachLoop
  @Spec("HER-87")
  void childProcessesAndConnectionsThatEndMeanwhile(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        _ -> {
          var options = ProcessOptions.DEFAULT.withStdin(Redirect.PIPE).withStdout(Redirect.PIPE);
          try (var server = startServer(ECHO, "127.0.0.1", 0);
              var _ = server.scope()) {
            var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
            List<Task<Void>> children = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
              children.add(
                  createTask(() -> {
                    var child = createSubprocessExec(List.of("cat"), options);
                    assertThat(child.communicateWith("miaow".getBytes()).stdoutUtf8())
                        .isEqualTo("miaow");
                    assertThat(child.waitForExit()).isZero();
                    return null;
                  }));
              children.add(
                  createTask(() -> {
                    for (int j = 0; j < 10; j++) {
                      assertEchoes(openConnection("127.0.0.1", address.getPort()));
                    }
                    return null;
                  }));
            }
            await(gather(children));
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void timersExecutorsAndThreads(LoopKind kind, Engine engine) {
    on(
        kind,
        engine,
        loop -> {
          sleep(millis(2));
          assertThat(toThread(() -> 42)).isEqualTo(42);
          for (int i = 0; i < 50; i++) {
            Future<String> future = loop.createFuture();
            Thread.ofPlatform()
                .start(() -> loop.callSoonThreadsafe(() -> future.setResult("woken")));
            assertThat(await(future)).isEqualTo("woken");
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void fileIsSent(LoopKind kind, Engine engine) throws Exception {
    Path file = folder.resolve("file");
    Files.write(file, new byte[400_000]);
    ClientHandler counter =
        (reader, writer) -> {
          try (writer) {
            writer.writeUtf8(reader.readAll().length + "\n");
          }
        };
    on(
        kind,
        engine,
        loop -> {
          try (var server = startServer(counter, "127.0.0.1", 0);
              var _ = server.scope();
              var channel = Files.newByteChannel(file)) {
            var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
            try (Streams streams = openConnection("127.0.0.1", address.getPort())) {
              assertThat(loop.sendfile(streams.writer().transport(), channel)).isEqualTo(400_000);
              streams.writer().writeEof();
              assertThat(streams.reader().readUtf8Line()).isEqualTo("400000");
            }
          }
        });
  }

  @EachLoop
  @Spec("HER-87")
  void closingFreesEveryDescriptor(LoopKind kind, Engine engine) {
    File descriptors = new File("/proc/self/fd");
    assumeTrue(descriptors.isDirectory(), "the system does not show descriptors");
    streamsOverTcp(kind, engine);
    int before = descriptors.list().length;
    for (int i = 0; i < 10; i++) {
      streamsOverTcp(kind, engine);
    }
    assertThat(descriptors.list().length).isLessThan(before + 10);
  }
}
