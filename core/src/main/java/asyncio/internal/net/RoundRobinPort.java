package asyncio.internal.net;

import asyncio.ErrorContext;
import asyncio.internal.loop.IoPoller;
import asyncio.net.ServerOptions;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port whose connections are accepted by the loop that has opened it, and handed to the servers
 * in turn.
 */
final class RoundRobinPort extends SharedListening implements Acceptor {
  /*
   * A socket that was accepted always has one owner: this loop; the queue of the loop that it was sent to; `waiting`; or the
   * server. Who finds that its server has left meanwhile, or that a loop is closed, hands it to the next; and so does a
   * server that closes before it has made a connection of it. If there is no next, it goes to `waiting`.
   *
   * Whoever joins or leaves `serving`, or puts something into `waiting`, then has this loop adjust itself to what there is:
   * with servers it listens and hands out, without it closes. So none is forgotten, and none goes to a server twice.
   */
  private final Network network;

  // Loop thread only.
  private List<ListeningSocket> listeners;
  private boolean listening;

  // Shared: the servers that take connections, and the connections that none takes.
  private final List<StreamServer> serving = new CopyOnWriteArrayList<>();
  private final Queue<SocketChannel> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turn = new AtomicInteger();

  /** What programs see of the sockets; those of the first time. */
  private final List<TransportSocket> views;

  RoundRobinPort(Network network, List<ServerSocketChannel> channels, ServerOptions options)
      throws IOException {
    super(network, channels, options);
    this.network = network;
    this.listeners = network.listeningSockets(this, channels, options.backlog());
    this.views = listeners.stream().map(ListeningSocket::view).toList();
  }

  @Override
  public Spread spread() {
    return Spread.ROUND_ROBIN;
  }

  // ---- on the loop that accepts

  private void adjust() {
    if (isClosed()) {
      closeWaiting();
    } else if (serving.isEmpty()) {
      closeSockets();
      host.poller().flush(); // the port is free
    } else {
      listen();
      handOutWaiting();
    }
  }

  private void listen() {
    if (listening) {
      return;
    }
    try {
      if (listeners.isEmpty()) { // there have been no servers for a while
        listeners =
            network.takeOver(this, new TcpListening(network).listen(bound(), options), options);
      }
      listening = true;
      Object context = host.captureContext();
      for (ListeningSocket listener : listeners) {
        listener.start(context);
      }
    } catch (IOException e) {
      host.loop()
          .callExceptionHandler(
              new ErrorContext("cannot listen on a shared port: " + this)
                  .with(ErrorContext.EXCEPTION, e));
    }
  }

  @Override
  public void accepted(SocketChannel socket) {
    handOver(socket);
  }

  @Override
  void closeSockets() {
    listeners.forEach(ListeningSocket::close);
    listeners = List.of();
    listening = false;
    closeWaiting();
  }

  private void handOutWaiting() {
    for (SocketChannel socket = waiting.poll(); socket != null; socket = waiting.poll()) {
      handOver(socket);
    }
  }

  // ---- on any loop

  private void handOver(SocketChannel socket) {
    Object[] now = serving.toArray();
    if (now.length == 0) {
      waiting.add(socket);
      askToAdjust();
      return;
    }
    StreamServer next = (StreamServer) now[Math.floorMod(turn.getAndIncrement(), now.length)];
    next.host()
        .callFromAnywhere(
            () -> {
              if (next.isServing()) {
                next.accepted(socket);
              } else {
                handOver(socket);
              }
            },
            () -> {
              serving.remove(next); // its loop is closed
              handOver(socket);
            });
  }

  private void askToAdjust() {
    host.callFromAnywhere(this::adjust, this::closeWaiting);
  }

  private void closeWaiting() {
    for (SocketChannel socket = waiting.poll(); socket != null; socket = waiting.poll()) {
      close(socket);
    }
  }

  private void close(SocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      host.callFromAnywhere(() -> host.log(Level.WARNING, "cannot close " + socket, e), () -> {});
    }
  }

  // ---- on the loops that serve

  @Override
  Entrance.Maker entrances(Network servers) {
    return server -> {
      List<Entrance> entrances = new ArrayList<>();
      for (TransportSocket view : views) {
        entrances.add(new Door(servers, server, view, entrances.isEmpty()));
      }
      return entrances;
    };
  }

  /** A server's share in one of the sockets; the first one stands for all. */
  private final class Door implements Entrance, IoPoller.Listener {
    private final Network network;
    private final StreamServer server;
    private final TransportSocket view;
    private final boolean first;

    Door(Network network, StreamServer server, TransportSocket view, boolean first) {
      this.network = network;
      this.server = server;
      this.view = view;
      this.first = first;
    }

    @Override
    public TransportSocket view() {
      return view;
    }

    @Override
    public void start(Object context) {
      if (first) {
        network.addUnpolled(this);
        serving.add(server);
        askToAdjust();
      }
    }

    @Override
    public void close() {
      if (first) {
        network.removeUnpolled(this);
        if (serving.remove(server)) {
          askToAdjust();
        }
      }
    }

    @Override
    public void giveBack(SocketChannel socket) {
      handOver(socket);
    }

    @Override
    public void loopClosed() {
      server.loopClosed();
    }

    @Override
    public void ready(int operations) {}

    @Override
    public void closedBehind() {}
  }
}
