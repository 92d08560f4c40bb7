package asyncio.conformance.heritage;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.coroutine;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.noSuspend;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.wrapFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.Memory;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import asyncio.sync.Lock;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.logging.Level;

/** HER: coroutines, from the rules of PEP 3156 to those of PEP 492. */
class CoroutineStyleTest {
  private final List<String> trail = new ArrayList<>();

  // ---- PEP 3156

  @EachEngine
  @Spec("HER-34")
  void theRulesOfCoroutines(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          loop.callSoon(() -> future.setResult("future"));
          Coroutine<String> inner =
              () -> {
                trail.add("inner runs");
                return await(future);
              };
          assertThat(trail).as("making one runs nothing").isEmpty();
          Task<String> task = createTask(() -> await(inner) + ", returned");
          assertThat(await(task)).isEqualTo("future, returned");

          Coroutine<String> failing =
              () -> {
                throw new IllegalArgumentException("thrown");
              };
          Task<String> caller =
              createTask(() -> {
                try {
                  return await(failing);
                } catch (IllegalArgumentException e) {
                  return "caught " + e.getMessage();
                }
              });
          assertThat(await(caller)).isEqualTo("caught thrown");
        });
  }

  // ---- the observations on E5

  @EachEngine
  @Spec("HER-80")
  void theFiveObservations(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<String>> started = new ArrayList<>();
          for (String name : List.of("a", "b", "broken")) {
            started.add(createTask(() -> twoSteps(name))); // all are started ...
          }
          assertThat(await(gather(started.subList(0, 2))))
              .containsExactly("A", "B"); // ... then collected
          assertThatThrownBy(() -> await(started.get(2))) // errors are exceptions
              .hasMessage("no such page");
          assertThat(trail.stream().filter(event -> event.startsWith("a")))
              .as("the second step begins when the first has ended")
              .containsExactly("a: step 1", "a: step 1 ended", "a: step 2");
          assertThat(trail.subList(0, 3))
              .containsExactly("a: step 1", "b: step 1", "broken: step 1");
        });
  }

  private String twoSteps(String name) {
    trail.add(name + ": step 1");
    sleep(millis(10));
    trail.add(name + ": step 1 ended");
    if (name.equals("broken")) {
      throw new IllegalStateException("no such page");
    }
    trail.add(name + ": step 2");
    return name.toUpperCase(java.util.Locale.ROOT);
  }

  // ---- getting a page

  private interface WithServer {
    void run(URI root, HttpClient client, CountDownLatch release) throws Exception;
  }

  private static void withServer(WithServer body) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (var threads = Executors.newCachedThreadPool()) {
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            byte[] page = "the page".getBytes();
            switch (exchange.getRequestURI().getPath()) {
              case "/moved" -> {
                exchange.getResponseHeaders().add("Location", "/");
                exchange.sendResponseHeaders(302, -1);
              }
              case "/slow" -> {
                try {
                  release.await();
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
              }
              default -> {
                exchange.getResponseHeaders().add("X-Kind", "plain");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
              }
            }
            exchange.close();
          });
      server.start();
      URI root =
          URI.create(
              "http://"
                  + InetAddress.getLoopbackAddress().getHostAddress()
                  + ":"
                  + server.getAddress().getPort());
      // Closing the client waits until no exchange of it is left.
      try (HttpClient client =
          HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
        body.run(root, client, release);
      } finally {
        release.countDown();
        server.stop(0);
      }
    }
  }

  private static HttpResponse<String> get(HttpClient client, URI uri) {
    return await(
        wrapFuture(client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())));
  }

  @EachEngine
  @Spec("HER-79")
  void aTaskGetsAPageWhileOthersRun(Engine engine) throws Exception {
    withServer((root, client, release) ->
        Loops.with(
            engine,
            loop ->
                loop.runUntilComplete(() -> {
                  Task<String> slow = createTask(() -> get(client, root.resolve("/slow")).body());
                  HttpResponse<String> response = get(client, root.resolve("/moved"));
                  assertThat(response.statusCode()).isEqualTo(200);
                  assertThat(response.headers().firstValue("X-Kind")).contains("plain");
                  assertThat(response.body()).isEqualTo("the page");
                  assertThat(slow.isDone()).isFalse();
                  release.countDown();
                  assertThat(await(slow)).isEqualTo("the page");
                })));
  }

  @EachEngine
  @Spec("HER-79")
  void aTimeoutAndACancelEndTheExchange(Engine engine) throws Exception {
    withServer((root, client, release) -> {
      Loops.with(
          engine,
          loop ->
              loop.runUntilComplete(() -> {
                assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(
                        () -> timeout(millis(50), () -> get(client, root.resolve("/slow"))));
                Task<?> cancelled = createTask(() -> get(client, root.resolve("/slow")));
                sleep(millis(1));
                cancelled.cancel();
                assertThatExceptionOfType(CancelledError.class).isThrownBy(cancelled::await);
              }));
      client.shutdown();
      assertThat(client.awaitTermination(Duration.ofSeconds(20)))
          .as("the server has not answered, yet nothing is left of the two")
          .isTrue();
    });
  }

  // ---- PEP 492

  private static int unmarked() {
    return alsoUnmarked() + 1;
  }

  private static int alsoUnmarked() {
    sleep(Duration.ZERO);
    return 1;
  }

  @EachEngine
  @Spec("HER-82")
  void aMethodThatSuspendsNeedsNoMarkAndAGuardFindsIt(Engine engine) throws Exception {
    OnLoop.run(
        engine,
        () -> {
          assertThat(unmarked()).isEqualTo(2);
          assertThatIllegalStateException()
              .isThrownBy(() -> noSuspend(() -> unmarked()))
              .withMessageContaining("suspending call inside noSuspend");
        });
    assertThat(asyncio.Asyncio.class.getMethod("sleep", Duration.class))
        .satisfies(method -> assertThat(method.isAnnotationPresent(Suspends.class)).isTrue());
  }

  @EachEngine
  @Spec("HER-83")
  void makingACoroutineAndRunningItAreTwoSteps(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Coroutine<String> lazy =
              coroutine(() -> {
                trail.add("runs");
                return "value";
              });
          trail.add("made");
          assertThat(await(lazy)).isEqualTo("value");
          assertThat(trail).containsExactly("made", "runs");
        });
  }

  @EachEngine
  @Spec("HER-83")
  void inDebugModeOneThatNobodyRunsIsReported(Engine engine) throws Exception {
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop -> {
            loop.setDebug(true);
            loop.runUntilComplete(() -> {
              await(makeTwo());
            });
          });
      assertThat(Memory.collectUntil(() -> !neverRun(log).isEmpty())).isTrue();
      assertThat(neverRun(log))
          .singleElement()
          .asString()
          .contains("coroutine " + getClass().getName() + ".lambda", "makeTwo(");
    }
  }

  private static List<String> neverRun(LogCapture log) {
    return log.texts(Level.WARNING).stream()
        .filter(text -> text.contains("was never run"))
        .toList();
  }

  /** One of them is dropped. */
  private static Coroutine<String> makeTwo() {
    assertThat(coroutine(() -> sleep(seconds(1)))).isNotNull();
    return coroutine(() -> "value");
  }

  @EachEngine
  @Spec("HER-84")
  void scopesAreEnteredAndLeftOnEveryPath(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Lock lock = new Lock();
          var first = lock.acquire();
          Task<?> waits =
              createTask(() -> {
                try (var _ = lock.acquire()) { // entering waits
                  trail.add("entered");
                  sleep(seconds(100));
                }
              });
          sleep(millis(1));
          assertThat(trail).isEmpty();
          first.close();
          sleep(millis(1));
          assertThat(trail).containsExactly("entered");
          waits.cancel();
          assertThatExceptionOfType(CancelledError.class).isThrownBy(waits::await);
          assertThat(lock.isLocked()).as("left by a cancellation").isFalse();

          assertThatExceptionOfType(ExceptionGroup.class)
              .isThrownBy(() ->
                  taskGroup(group -> {
                    group.createTask(() -> {
                      try {
                        sleep(seconds(100));
                      } finally {
                        sleep(seconds(1));
                        trail.add("child ended");
                      }
                    });
                    sleep(millis(1));
                    throw new IOException("the body fails");
                  }));
          assertThat(trail).as("leaving waits for the children").endsWith("child ended");
        });
  }
}
