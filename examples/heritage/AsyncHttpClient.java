import static asyncio.Asyncio.*;

import asyncio.*;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;

/**
 * An HTTP client as Tornado has it, on the JDK's own: fetch with a callback, or fetch for a future.
 *
 * <p>One client serves a loop, unless a program makes another with {@code new}.
 */
final class AsyncHttpClient {
  private static final int NO_ANSWER = 599;
  private static final Map<EventLoop, AsyncHttpClient> SHARED = new WeakHashMap<>();

  private final HttpClient client =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

  record Request(String url) {}

  /** What came back; {@code error} is null if that was the page. */
  record Response(
      Request request, int code, Map<String, List<String>> headers, byte[] body, HttpError error) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** An answer that is no success, or, with code 599, none at all. */
  static final class HttpError extends RuntimeException {
    final int code;
    transient Response response;

    HttpError(int code, String message, Throwable cause) {
      super("HTTP " + code + ": " + message, cause);
      this.code = code;
    }
  }

  /** The client of the running loop. */
  static AsyncHttpClient shared() {
    return SHARED.computeIfAbsent(getRunningLoop(), _ -> new AsyncHttpClient());
  }

  /** Fetches a page and calls back, with an error in the response if there was one. */
  void fetch(String url, Consumer<Response> callback) {
    fetch(url, false).addDoneCallback(done -> callback.accept(done.result()));
  }

  /** Fetches a page; the future fails with an {@link HttpError} if that is no success. */
  Future<Response> fetch(String url) {
    return fetch(url, true);
  }

  Future<Response> fetch(String url, boolean raiseError) {
    return createTask(() -> {
      Response response = get(new Request(url));
      if (response.error() != null && raiseError) {
        throw response.error();
      }
      return response;
    });
  }

  private Response get(Request request) {
    try {
      var sent =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(request.url())).build(),
              BodyHandlers.ofByteArray());
      HttpResponse<byte[]> answer = await(wrapFuture(sent), IOException.class);
      int code = answer.statusCode();
      HttpError error = code < 400 ? null : new HttpError(code, request.url(), null);
      return link(new Response(request, code, answer.headers().map(), answer.body(), error));
    } catch (IOException e) {
      var error = new HttpError(NO_ANSWER, e.getClass().getSimpleName(), e);
      return link(new Response(request, NO_ANSWER, Map.of(), new byte[0], error));
    }
  }

  private static Response link(Response response) {
    if (response.error() != null) {
      response.error().response = response;
    }
    return response;
  }
}
