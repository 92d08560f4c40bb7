package asyncio.monitor;

import static asyncio.Asyncio.timeout;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Suspends;
import asyncio.TimeoutException;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Speaks HTTP/1.1 with browsers, on streams of this library: one task for each connection.
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class WebServer {
  /** What answers. */
  interface Handler {
    @Suspends
    Response answer(Request request) throws Exception;
  }

  private static final System.Logger LOGGER = System.getLogger("asyncio.monitor");

  private final Limits limits;
  private final AccessRules rules;
  private final Handler handler;
  private final Feed feed;
  private final String cookie;
  private final Runnable newViewer;
  private int connections;

  /** Changed by the loop's thread, read by the looks' thread too. */
  private final AtomicInteger streams = new AtomicInteger();

  /**
   * Makes a server that does not serve yet.
   *
   * @param cookie the name of the cookie with the token; each port has its own
   * @param newViewer is called when somebody opens the event stream
   */
  WebServer(
      Limits limits,
      AccessRules rules,
      String cookie,
      Handler handler,
      Feed feed,
      Runnable newViewer) {
    this.limits = limits;
    this.rules = rules;
    this.cookie = cookie;
    this.handler = handler;
    this.feed = feed;
    this.newViewer = newViewer;
  }

  /** Begins to serve on a channel that is bound already. */
  @Suspends
  Server start(ServerSocketChannel channel) throws IOException {
    return Asyncio.startServer(this::serve, ServerOptions.DEFAULT.withSocket(channel));
  }

  /** Whether somebody has the event stream open. Thread-safe. */
  boolean hasViewers() {
    return streams.get() > 0;
  }

  @Suspends
  private void serve(StreamReader in, StreamWriter out) {
    connections++;
    try {
      if (connections > limits.connections()) {
        send(out, Response.text(503, "too many connections to this monitor\n").encode(false, true));
      } else {
        converse(new RequestReader(in), out);
      }
      out.close();
      timeout(limits.sending(), out::waitClosed);
    } catch (TimeoutException | IOException e) {
      // The client is gone or too slow: the connection ends below, and nobody else minds.
    } finally {
      connections--;
      out.transport().abort();
    }
  }

  @Suspends
  private void converse(RequestReader requests, StreamWriter out) throws IOException {
    for (boolean goOn = true; goOn; ) {
      Request request;
      try {
        request = timeout(limits.idle(), requests::next);
      } catch (RefusedException e) {
        send(out, e.response().encode(false, true));
        return;
      }
      if (request == null) {
        return;
      }
      goOn = answer(request, out);
    }
  }

  /** Returns whether the connection takes another request. */
  @Suspends
  private boolean answer(Request request, StreamWriter out) throws IOException {
    Response response;
    try {
      rules.check(request, cookie);
    } catch (RefusedException e) {
      send(out, e.response().encode(request.keepAlive(), !request.method().equals("HEAD")));
      return request.keepAlive();
    }
    if (request.path().equals("/events") && request.method().equals("GET")) {
      return stream(request, out);
    }
    try {
      response = handler.answer(request);
      String token = rules.tokenToKeep(request);
      if (token != null) {
        response =
            response.with(
                "Set-Cookie", cookie + "=" + token + "; Path=/; HttpOnly; SameSite=Strict");
      }
    } catch (RefusedException e) {
      response = e.response();
    } catch (CancelledError e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      LOGGER.log(Level.WARNING, "the monitor could not answer " + request.path(), e);
      response = Response.text(500, "the monitor failed; the program's log says how\n");
    }
    send(out, response.encode(request.keepAlive(), !request.method().equals("HEAD")));
    return request.keepAlive();
  }

  @Suspends
  private boolean stream(Request request, StreamWriter out) throws IOException {
    if (streams.get() >= limits.streams()) {
      send(out, Response.text(503, "too many pages show this monitor\n").encode(false, true));
      return false;
    }
    streams.incrementAndGet();
    newViewer.run();
    try {
      send(out, Response.eventStreamHead());
      long seen = number(request.header("last-event-id"));
      while (!out.isClosing()) {
        Feed.Message message = feed.after(seen);
        seen = message.number();
        send(out, message.encode());
      }
    } finally {
      streams.decrementAndGet();
    }
    return false;
  }

  private static long number(@Nullable String text) {
    return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  @Suspends
  private void send(StreamWriter out, byte[] bytes) throws IOException {
    out.write(bytes);
    timeout(limits.sending(), out::drain);
  }
}
