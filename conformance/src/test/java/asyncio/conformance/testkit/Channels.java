package asyncio.conformance.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** The channels of one provider, for a scenario that writes down what they do. */
final class Channels {

  /** Something to do with channels, the same with each provider. */
  interface Scenario {
    void play(Channels channels) throws Exception;
  }

  private static final int PATIENCE = 5000;

  final SelectorProvider provider;
  final Selector selector;
  private final List<SelectableChannel> opened = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private final List<String> trail = new ArrayList<>();
  private final Map<Integer, String> ports = new LinkedHashMap<>();

  private Channels(SelectorProvider provider) throws IOException {
    this.provider = provider;
    this.selector = provider.openSelector();
  }

  /** Plays it with the JDK's channels and with those in memory; both do the same. */
  static void compare(Scenario scenario) throws Exception {
    List<String> real = play(SelectorProvider.provider(), scenario);
    MemoryNetwork network = new MemoryNetwork();
    List<String> inMemory = play(network, scenario);
    assertThat(inMemory).isEqualTo(real).isNotEmpty();
    assertThat(network.openChannels()).isEmpty();
  }

  private static List<String> play(SelectorProvider provider, Scenario scenario) throws Exception {
    Channels channels = new Channels(provider);
    try {
      scenario.play(channels);
      return channels.trail;
    } finally {
      for (SelectableChannel channel : channels.opened) {
        channel.close();
      }
      channels.selector.close();
      for (Path file : channels.files) {
        Files.deleteIfExists(file);
      }
    }
  }

  // ---- the trail

  /** Writes down what a call gives or throws. */
  void note(String what, Callable<?> call) {
    String outcome;
    try {
      outcome = String.valueOf(call.call());
    } catch (Exception e) {
      outcome = e.toString();
    }
    trail.add(what + ": " + outcome);
  }

  /** Writes down an address, with a name for a port that was seen first here. */
  void noteAddress(String what, Callable<? extends SocketAddress> call) {
    note(
        what,
        () -> {
          SocketAddress address = call.call();
          return address instanceof InetSocketAddress inet && inet.getPort() != 0
              ? inet.getAddress()
                  + " "
                  + ports.computeIfAbsent(inet.getPort(), _ -> "port " + ports.size())
              : address instanceof UnixDomainSocketAddress unix
                  ? "path '" + unix.getPath().getFileName() + "'"
                  : address;
        });
  }

  // ---- opening

  private <C extends SelectableChannel> C keep(C channel) throws IOException {
    opened.add(channel);
    channel.configureBlocking(false);
    return channel;
  }

  SocketChannel socket() throws IOException {
    return keep(provider.openSocketChannel());
  }

  SocketChannel socket(ProtocolFamily family) throws IOException {
    return keep(provider.openSocketChannel(family));
  }

  ServerSocketChannel server() throws IOException {
    return keep(provider.openServerSocketChannel());
  }

  ServerSocketChannel server(ProtocolFamily family) throws IOException {
    return keep(provider.openServerSocketChannel(family));
  }

  DatagramChannel datagrams() throws IOException {
    return keep(provider.openDatagramChannel());
  }

  Pipe pipe() throws IOException {
    Pipe pipe = provider.openPipe();
    keep(pipe.source());
    keep(pipe.sink());
    return pipe;
  }

  /** The path of a socket that does not exist. */
  Path path(String name) throws IOException {
    Path directory = Files.createTempDirectory("net");
    Path path = directory.resolve(name);
    files.add(path);
    files.add(directory);
    return path;
  }

  static InetSocketAddress loopback(int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  ServerSocketChannel listening() throws IOException {
    ServerSocketChannel server = server();
    server.bind(loopback(0));
    return server;
  }

  ServerSocketChannel listeningUnix() throws IOException {
    ServerSocketChannel server = server(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path("socket")));
    return server;
  }

  /** Both ends of a connection. */
  record Ends(SocketChannel client, SocketChannel server) {}

  Ends connected() throws IOException {
    ServerSocketChannel listener = listening();
    Ends ends = connect(socket(), listener);
    listener.close();
    return ends;
  }

  Ends connectedUnix() throws IOException {
    ServerSocketChannel listener = listeningUnix();
    Ends ends = connect(socket(StandardProtocolFamily.UNIX), listener);
    listener.close();
    return ends;
  }

  Ends connect(SocketChannel client, ServerSocketChannel listener) throws IOException {
    boolean done = client.connect(listener.getLocalAddress());
    while (!done) {
      Thread.onSpinWait();
      done = client.finishConnect();
    }
    SocketChannel accepted = null;
    while (accepted == null) {
      accepted = listener.accept();
    }
    return new Ends(client, keep(accepted));
  }

  // ---- waiting

  /** Puts the channels into the selector. */
  void register(SelectableChannel... channels) throws IOException {
    for (SelectableChannel channel : channels) {
      channel.register(selector, 0);
    }
  }

  /** Takes a channel out of the selector. */
  void unregister(SelectableChannel channel) throws IOException {
    channel.keyFor(selector).cancel();
    flush();
  }

  void flush() throws IOException {
    selector.selectNow(_ -> {});
  }

  /** Waits until a channel is ready for one of some operations, and says for which. */
  String awaitReady(SelectableChannel channel, int interest) throws IOException {
    SelectionKey key = channel.keyFor(selector);
    boolean stays = key != null && key.isValid();
    if (!stays) {
      key = channel.register(selector, 0);
    }
    SelectionKey waiting = key;
    int before = waiting.interestOps();
    waiting.interestOps(interest);
    int[] ready = {0};
    selector.select(
        found -> {
          if (found == waiting) {
            ready[0] = found.readyOps();
          }
        },
        PATIENCE);
    if (channel.isOpen()) {
      waiting.interestOps(before);
      if (!stays) {
        unregister(channel);
      }
    }
    return text(ready[0]);
  }

  /** What a channel is ready for now. */
  String readyNow(SelectableChannel channel, int interest) throws IOException {
    SelectionKey key = channel.keyFor(selector);
    boolean stays = key != null && key.isValid();
    SelectionKey asked = stays ? key : channel.register(selector, 0);
    int before = asked.interestOps();
    asked.interestOps(interest);
    int[] ready = {0};
    selector.selectNow(found -> {
      if (found == asked) {
        ready[0] = found.readyOps();
      }
    });
    asked.interestOps(before);
    if (!stays) {
      unregister(channel);
    }
    return text(ready[0]);
  }

  private static String text(int operations) {
    List<String> names = new ArrayList<>();
    if ((operations & SelectionKey.OP_READ) != 0) {
      names.add("read");
    }
    if ((operations & SelectionKey.OP_WRITE) != 0) {
      names.add("write");
    }
    if ((operations & SelectionKey.OP_CONNECT) != 0) {
      names.add("connect");
    }
    if ((operations & SelectionKey.OP_ACCEPT) != 0) {
      names.add("accept");
    }
    return names.toString();
  }

  // ---- bytes

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static String read(SocketChannel channel, int limit) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(limit);
    int count = channel.read(buffer);
    return count < 0 ? "end" : "'" + StandardCharsets.UTF_8.decode(buffer.flip()) + "'";
  }

  /** Waits for bytes, or the end, and reads. */
  String awaitRead(SocketChannel channel, int limit) throws IOException {
    awaitReady(channel, SelectionKey.OP_READ);
    return read(channel, limit);
  }

  /** Writes until there is no room; returns how much. */
  static long fill(WritableByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    long total = 0;
    while (channel.write(buffer.clear()) > 0) {
      total += buffer.position();
    }
    return total;
  }
}
