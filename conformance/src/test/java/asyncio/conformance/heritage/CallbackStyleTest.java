package asyncio.conformance.heritage;

import static asyncio.conformance.heritage.ExamplePrograms.runStatements;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** HER: fetching with callbacks, as Tornado does it; the client of the examples. */
class CallbackStyleTest {
  private HttpServer server;
  private String root;
  private String refusing;

  @BeforeEach
  void start() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(here, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean found = !exchange.getRequestURI().getPath().equals("/missing");
          byte[] page = (found ? "found" : "lost").getBytes();
          exchange.getResponseHeaders().add("X-Page", "a page");
          exchange.sendResponseHeaders(found ? 200 : 404, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    root = "http://" + here.getHostAddress() + ":" + server.getAddress().getPort();
    try (ServerSocket closed = new ServerSocket(0, 1, here)) {
      refusing = "http://" + here.getHostAddress() + ":" + closed.getLocalPort() + "/";
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private java.util.List<String> run(Engine engine, String statements) {
    return runStatements(
        engine,
        statements.replace("ROOT", "\"" + root + "\"").replace("REFUSING", "\"" + refusing + "\""));
  }

  @EachEngine
  @Spec("HER-66")
  void theCallbackIsCalledOnceAndNeverInsideFetch(Engine engine) {
    assertThat(
            run(
                engine,
                """
                run(() -> {
                  var loop = getRunningLoop();
                  var calls = new CallbackCollector<AsyncHttpClient.Response>(1);
                  loop.callSoon(() -> {
                    AsyncHttpClient.shared().fetch(ROOT + "/", calls.after(response -> {
                      print("called " + response.text() + " on the loop: " + loop.isCurrent()
                          + ", in a task: " + (currentTask(loop) != null));
                    }));
                    print("fetch has returned");
                  });
                  await(calls.all());
                  sleep(millis(10));
                });
                """))
        .containsExactly("fetch has returned", "called found on the loop: true, in a task: false");
  }

  @EachEngine
  @Spec("HER-67")
  void theResponseSaysWhatCameBack(Engine engine) {
    assertThat(
            run(
                engine,
                """
                run(() -> {
                  var calls = new CallbackCollector<AsyncHttpClient.Response>(1);
                  AsyncHttpClient.shared().fetch(ROOT + "/page", calls.after(_ -> {}));
                  var response = await(calls.all()).getFirst();
                  print(response.error());
                  print(response.code());
                  print(new String(response.body()));
                  print(response.headers().get("x-page"));
                  print(response.request().url().equals(ROOT + "/page"));
                });
                """))
        .containsExactly("null", "200", "found", "[a page]", "true");
  }

  @EachEngine
  @Spec("HER-68")
  void errorsArriveInTheResponse(Engine engine) {
    assertThat(
            run(
                engine,
                """
                run(() -> {
                  for (String url : List.of(ROOT + "/missing", REFUSING)) {
                    var calls = new CallbackCollector<AsyncHttpClient.Response>(1);
                    AsyncHttpClient.shared().fetch(url, calls.after(response ->
                        print(response.code() + " " + response.error().code + " " + response.text())));
                    await(calls.all());
                  }
                });
                """))
        .containsExactly("404 404 lost", "599 599 ");
  }

  @EachEngine
  @Spec("HER-69")
  void whatACallbackThrowsGoesToTheExceptionHandler(Engine engine) {
    assertThat(
            run(
                engine,
                """
                run(() -> {
                  getRunningLoop().setExceptionHandler((_, error) -> {
                    print(error.message().startsWith("Exception in callback <Handle "));
                    print(error.exception().getMessage());
                  });
                  var calls = new CallbackCollector<AsyncHttpClient.Response>(2);
                  for (String page : List.of("/1", "/2")) {
                    AsyncHttpClient.shared().fetch(ROOT + page, calls.after(_ -> {
                      throw new IllegalStateException("in a callback");
                    }));
                  }
                  await(calls.all());
                  sleep(millis(0));
                  print("the loop goes on");
                });
                """))
        .containsExactly("true", "in a callback", "true", "in a callback", "the loop goes on");
  }

  @EachEngine
  @Spec("HER-70")
  void aFutureFailsWithTheErrorUnlessThatIsSwitchedOff(Engine engine) {
    assertThat(
            run(
                engine,
                """
                run(() -> {
                  var client = AsyncHttpClient.shared();
                  print(await(client.fetch(ROOT + "/")).text());
                  try {
                    await(client.fetch(ROOT + "/missing"));
                  } catch (AsyncHttpClient.HttpError e) {
                    print(e.code + " " + e.response.text());
                  }
                  var response = await(client.fetch(ROOT + "/missing", false));
                  print(response.error().code + " " + response.text());
                });
                """))
        .containsExactly("found", "404 lost", "404 lost");
  }

  @EachEngine
  @Spec("HER-71")
  void aLoopHasOneClientUnlessAnotherIsMade(Engine engine) {
    assertThat(
            run(
                engine,
                """
                var before = new ArrayList<AsyncHttpClient>();
                run(() -> {
                  before.add(AsyncHttpClient.shared());
                  print(AsyncHttpClient.shared() == before.getFirst());
                  print(new AsyncHttpClient() == before.getFirst());
                });
                run(() -> print(AsyncHttpClient.shared() == before.getFirst()));
                """))
        .containsExactly("true", "false", "false");
  }

  @EachEngine
  @Spec("HER-72")
  void theProgramRunsUntilAllCallbacksHaveBeenCalled(Engine engine) {
    assertThat(ExamplePrograms.run(engine, "TornadoUrls")).hasSize(3);
  }
}
