package asyncio.monitor;

import asyncio.EventLoop;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.SelectorEventLoop;
import asyncio.net.Server;
import asyncio.sync.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A web page that shows, live, what the event loops of this JVM do: the tasks and what each waits
 * for, the loops' lag, what held them up, the connections; and that can cancel a task.
 *
 * <pre>{@code
 * Monitor.start(); // the log has the address
 * }</pre>
 *
 * <p>It runs on a loop and threads of its own, all of them daemons, so it shows a program whose
 * loop is blocked, and keeps none from ending. While nobody has the page open it reads the loops'
 * counters once a second, and nothing else.
 *
 * <p>Who reaches the page sees stacks and names, and may cancel tasks. So it is there for programs
 * on this machine only, unless {@link MonitorOptions#withAddress} says otherwise, and then it asks
 * for a token.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Monitor implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger("asyncio.monitor");
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final URI address;
  private final ServerSocketChannel channel;
  private final EventLoop loop;
  private final Thread thread;
  private final ExecutorService executor;
  private final Sampler sampler;
  private final Event closing = new Event();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Starts a monitor with default options, and logs its address.
   *
   * @throws UncheckedIOException if no port can be had
   */
  public static Monitor start() {
    return start(MonitorOptions.DEFAULT);
  }

  /**
   * Starts a monitor, and logs its address, at level {@code INFO}; with the token, if it has one.
   *
   * @throws UncheckedIOException if the address or the port cannot be had
   */
  public static Monitor start(MonitorOptions options) {
    Monitor monitor = startQuietly(options);
    LOGGER.log(Level.INFO, "monitor of this program: " + monitor.address);
    return monitor;
  }

  /** As {@link #start(MonitorOptions)}; the address is told by the caller. */
  static Monitor startQuietly(MonitorOptions options) {
    EventLoop loop = new SelectorEventLoop();
    return start(options, Limits.DEFAULT, loop, new LiveSource(loop, options.readOnly()));
  }

  /** With a source and limits of a test. */
  static Monitor start(MonitorOptions options, Limits limits, EventLoop loop, Source source) {
    ServerSocketChannel channel;
    try {
      channel = bind(options);
    } catch (IOException e) {
      loop.close();
      throw new UncheckedIOException(
          "the monitor cannot be served on "
              + addressOf(options).getHostAddress()
              + ":"
              + options.port()
              + " ("
              + e.getMessage()
              + "); MonitorOptions.withPort(0) takes any port",
          e);
    }
    return new Monitor(options, limits, channel, loop, source);
  }

  private Monitor(
      MonitorOptions options,
      Limits limits,
      ServerSocketChannel channel,
      EventLoop loop,
      Source source) {
    this.channel = channel;
    this.loop = loop;
    address = uri(options, channel.socket().getLocalPort());
    executor = Executors.newFixedThreadPool(2, daemons("asyncio-monitor-worker"));
    AccessRules rules = new AccessRules(options.token(), options.hostNames());
    News news = new News(MonitorOptions.newSecret(), source.look(null, false));
    Feed feed = new Feed(news::newerThan);
    WebServer server =
        new WebServer(
            limits,
            rules,
            "asyncio-monitor-" + channel.socket().getLocalPort(),
            new Routes(
                loop, executor, source, news, rules.key(), options.readOnly(), this::lookNow),
            feed,
            this::lookNow);
    sampler =
        new Sampler(
            source,
            options.interval(),
            server::hasViewers,
            look -> publish(() -> feed.publish(news.add(look, System.currentTimeMillis()))));
    CountDownLatch started = new CountDownLatch(1);
    thread = daemons("asyncio-monitor").newThread(() -> run(server, started));
    thread.start();
    uninterruptibly(started::await);
    daemons("asyncio-monitor-looks").newThread(sampler).start();
  }

  /** Serves until {@link #close}; what is left then is cancelled by the runner. */
  private void run(WebServer server, CountDownLatch started) {
    try (var runner = new Runner(RunOptions.DEFAULT.withDebug(false).withLoopFactory(() -> loop))) {
      runner.run(() -> {
        Server serving = server.start(channel);
        started.countDown();
        try {
          closing.await();
        } finally {
          serving.close();
          serving.abortClients();
        }
      });
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "the monitor has ended", t);
    } finally {
      started.countDown();
    }
  }

  private void lookNow() {
    sampler.lookNow();
  }

  private void publish(Runnable publication) {
    if (!closed.get()) {
      try {
        loop.callSoonThreadsafe(publication);
      } catch (IllegalStateException e) {
        sampler.stop(); // it was closed just now
      }
    }
  }

  private interface Waiting {
    void await() throws InterruptedException;
  }

  /** Waits as long as it takes, which is not long, and keeps an interrupt for the caller. */
  private static void uninterruptibly(Waiting waiting) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        waiting.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory daemons(String name) {
    return Thread.ofPlatform().daemon().name(name).factory();
  }

  private static InetAddress addressOf(MonitorOptions options) {
    InetAddress address = options.address();
    return address == null ? InetAddress.getLoopbackAddress() : address;
  }

  private static ServerSocketChannel bind(MonitorOptions options) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(addressOf(options), options.port()));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static URI uri(MonitorOptions options, int port) {
    InetAddress address = addressOf(options);
    String host = address.isAnyLocalAddress() ? reachable() : address.getHostAddress();
    int zone = host.indexOf('%');
    host = zone < 0 ? host : host.substring(0, zone);
    host = host.contains(":") ? "[" + host + "]" : host;
    String token = options.token();
    return URI.create(
        "http://" + host + ":" + port + "/" + (token == null ? "" : "?token=" + token));
  }

  /** An address of this machine that others may reach, for the text that is shown. */
  private static String reachable() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .min(Comparator.comparingInt(address -> address.getAddress().length)) // IPv4 first
          .map(InetAddress::getHostAddress)
          .orElse("127.0.0.1");
    } catch (SocketException e) {
      return "127.0.0.1";
    }
  }

  /** Where the page is; if a token is required it is in here, so take care where this is shown. */
  public URI address() {
    return address;
  }

  /**
   * Ends it, with all its connections; the port is free again when this returns, unless that takes
   * longer than two seconds. Closing twice is harmless.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      sampler.stop();
      executor.shutdownNow();
      try {
        loop.callSoonThreadsafe(closing::set);
      } catch (IllegalStateException e) {
        return; // it has ended by itself
      }
      uninterruptibly(() -> thread.join(CLOSING));
    }
  }

  @Override
  public String toString() {
    @Nullable String query = address.getQuery();
    String text = address.toString();
    return "Monitor[" + (query == null ? text : text.substring(0, text.indexOf('?'))) + "]";
  }
}
