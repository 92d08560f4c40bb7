package asyncio.monitor;

import static asyncio.Asyncio.await;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.monitor.Look.TaskLook;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests: the page's files, the rows of its tree, a task, and cancelling.
 *
 * <p><b>Threading:</b> loop-confined. What may take longer runs in an executor.
 */
final class Routes implements WebServer.Handler {
  private static final Map<String, String> FILES =
      Map.of(
          "/index.html", "text/html; charset=utf-8",
          "/monitor.css", "text/css; charset=utf-8",
          "/monitor.js", "text/javascript; charset=utf-8",
          "/tasks.js", "text/javascript; charset=utf-8",
          "/chart.js", "text/javascript; charset=utf-8",
          "/tools.js", "text/javascript; charset=utf-8",
          "/theme.js", "text/javascript; charset=utf-8",
          "/icon.svg", "image/svg+xml");
  private static final int MOST_OPEN = 1_000;

  private final EventLoop loop;
  private final Executor executor;
  private final Source source;
  private final News news;
  private final String key;
  private final boolean readOnly;
  private final Runnable lookNow;

  Routes(
      EventLoop loop,
      Executor executor,
      Source source,
      News news,
      String key,
      boolean readOnly,
      Runnable lookNow) {
    this.loop = loop;
    this.executor = executor;
    this.source = source;
    this.news = news;
    this.key = key;
    this.readOnly = readOnly;
    this.lookNow = lookNow;
  }

  @Suspends
  @Override
  public Response answer(Request request) throws Exception {
    return switch (request.path()) {
      case "/api/tasks" -> tasks(post(request));
      case "/api/cancel" -> cancel(post(request));
      case "/" -> file("/index.html", request);
      default -> file(request.path(), request);
    };
  }

  private static String post(Request request) {
    if (!request.method().equals("POST")) {
      throw new RefusedException(405, "this address takes POST only");
    }
    return request.body();
  }

  private Response file(String path, Request request) {
    String type = FILES.get(path);
    if (type == null) {
      throw new RefusedException(404, "there is nothing here");
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      throw new RefusedException(405, "this address takes GET only");
    }
    return Response.of(200, type, read(path.substring(1)).replace("{{key}}", key));
  }

  private static String read(String name) {
    try (InputStream in = Routes.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record TasksQuestion(
      @Nullable Map<String, Integer> open,
      boolean flat,
      @Nullable String search,
      @Nullable String task) {}

  private record TasksAnswer(List<Rows.Row> rows, boolean cut, @Nullable TaskLook task) {}

  @Suspends
  private Response tasks(String json) throws Exception {
    TasksQuestion question = parse(json, TasksQuestion.class);
    Map<String, Integer> open = question.open == null ? Map.of() : question.open;
    if (open.size() > MOST_OPEN || open.values().stream().anyMatch(Objects::isNull)) {
      throw new RefusedException(400, "that are too many open rows, or one without its page");
    }
    String search = question.search == null ? "" : question.search;
    TaskTree tree = news.latest().tree();
    String id = question.task;
    TasksAnswer answer =
        await(
            loop.runInExecutor(
                executor,
                () -> {
                  Rows.Result rows = Rows.of(tree, new Rows.Query(open, question.flat, search));
                  return new TasksAnswer(
                      rows.rows(), rows.cut(), id == null ? null : source.task(id));
                }));
    return Response.json(News.GSON.toJson(answer));
  }

  private record CancelQuestion(@Nullable String id) {}

  private record CancelAnswer(String message) {}

  @Suspends
  private Response cancel(String json) throws Exception {
    String id = parse(json, CancelQuestion.class).id;
    if (readOnly) {
      throw new RefusedException(403, "this monitor only shows: it was started read-only");
    }
    if (id == null) {
      throw new RefusedException(400, "say which task, as {\"id\": \"0x1\"}");
    }
    String message = await(loop.runInExecutor(executor, () -> source.cancel(id)));
    lookNow.run();
    return Response.json(News.GSON.toJson(new CancelAnswer(message)));
  }

  private static <T> T parse(String json, Class<T> type) {
    T parsed;
    try {
      parsed = News.GSON.fromJson(json, type);
    } catch (JsonParseException e) {
      throw new RefusedException(400, "the body is not the JSON that is wanted here");
    }
    if (parsed == null) {
      throw new RefusedException(400, "the body is empty");
    }
    return parsed;
  }
}
