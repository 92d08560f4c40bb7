package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.conformance.Spec;
import asyncio.net.ChunkProtocol;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rpc.Calculator;
import rpc.JsonRpc;
import rpc.RpcError;
import rpc.Service;

/**
 * What JSON-RPC does on every stack of protocols: the sample of {@code examples/stack}. The classes
 * that extend this differ in the assembly of the stack and in nothing else.
 */
abstract class RpcContract {
  private static final String HOST = "192.0.2.1";

  final Calculator calculator = new Calculator();
  final List<JsonRpc> served = new ArrayList<>();
  private final List<Runnable> closers = new ArrayList<>();
  private @Nullable Server server;

  /** What the server's end of a stack has between JSON-RPC and the network. */
  abstract StreamProtocol serverStack(StreamProtocol rpc);

  /** What the client's end of a stack has between JSON-RPC and the network. */
  abstract StreamProtocol clientStack(StreamProtocol rpc);

  ServerOptions serverOptions() {
    return ServerOptions.DEFAULT;
  }

  ConnectOptions clientOptions() {
    return ConnectOptions.DEFAULT;
  }

  /** Whether a stack answers one request after the other. */
  abstract boolean isOrdered();

  // ---- both ends

  /** Connects a top of the stack with a served calculator. */
  @Suspends
  final void connect(ChunkProtocol top) throws IOException {
    if (server == null) {
      server =
          getRunningLoop()
              .createServer(
                  () -> {
                    JsonRpc rpc = new JsonRpc(calculator);
                    served.add(rpc);
                    return serverStack(rpc);
                  },
                  HOST,
                  4000,
                  serverOptions());
    }
    getRunningLoop().createConnection(() -> clientStack(top), HOST, 4000, clientOptions());
    closers.add(() -> top.transport().close());
  }

  @Suspends
  final JsonRpc client() throws IOException {
    JsonRpc rpc = new JsonRpc(Service.none());
    connect(rpc);
    return rpc;
  }

  @Suspends
  final void end(LoopProbe probe) {
    closers.forEach(Runnable::run);
    server.close();
    probe.runUntilAllBlocked();
  }

  /** A top of the stack that says what a test wants it to say. */
  static final class Raw {
    final List<String> lines = new ArrayList<>();
    final ChunkProtocol protocol =
        new ChunkProtocol(
            new byte[] {'\n'}, line -> lines.add(new String(line, StandardCharsets.UTF_8)));

    void say(String line) {
      protocol.writeChunk(line.getBytes(StandardCharsets.UTF_8));
    }

    List<JsonElement> answers() {
      return lines.stream().map(JsonParser::parseString).toList();
    }
  }

  /** Says one line and asserts what is answered. */
  @Suspends
  private void assertAnswer(LoopProbe probe, String line, @Nullable String answer)
      throws IOException {
    Raw raw = new Raw();
    connect(raw.protocol);
    raw.say(line);
    probe.runUntilAllBlocked();
    assertThat(raw.answers())
        .as(line)
        .isEqualTo(answer == null ? List.of() : List.of(JsonParser.parseString(answer)));
    end(probe);
  }

  static JsonArray numbers(int... numbers) {
    JsonArray array = new JsonArray();
    for (int number : numbers) {
      array.add(number);
    }
    return array;
  }

  /** What a future ended with: its result, or the code and message of its error. */
  @Suspends
  private static String outcome(Future<JsonElement> answer) {
    try {
      return await(answer).toString();
    } catch (Exception e) {
      Throwable cause = e instanceof RpcError || e.getCause() == null ? e : e.getCause();
      return cause instanceof RpcError error
          ? error.code() + " " + error.getMessage()
          : cause.getClass().getSimpleName();
    }
  }

  // ---- calls

  @LoopTest
  @Spec({"STACK-12", "STACK-13", "STACK-14", "HER-110", "HER-111", "HER-112"})
  void theSameConversationHasTheSameResults(LoopProbe probe) throws Exception {
    JsonRpc rpc = client();
    List<String> results = new ArrayList<>();
    results.add(outcome(rpc.call("add", numbers(2, 3))));
    results.add(outcome(rpc.call("add", numbers(2))));
    results.add(outcome(rpc.call("subtract", numbers(2, 3))));
    results.add(outcome(rpc.call("divide", numbers(2, 0))));
    rpc.tell("note", numbers(1));
    results.add(outcome(rpc.call("note", JsonNull.INSTANCE)));
    for (Future<JsonElement> answer :
        rpc.batch(
            List.of(
                new JsonRpc.Call("add", numbers(1, 1)),
                new JsonRpc.Call("guess", numbers()),
                new JsonRpc.Call("divide", numbers(9, 3))))) {
      results.add(outcome(answer));
    }

    assertThat(results)
        .containsExactly(
            "5",
            "-32602 a number is missing: number 1",
            "-32601 no such method: subtract",
            "-32603 internal error: / by zero",
            "null",
            "2",
            "-32601 no such method: guess",
            "3");
    assertThat(calculator.notes()).containsExactly("[1]", "null");
    end(probe);
  }

  @LoopTest
  @Spec({"STACK-12", "HER-111"})
  void answersAreMatchedByTheirIds(LoopProbe probe) throws Exception {
    JsonRpc rpc = client();
    List<String> order = new ArrayList<>();
    List<Future<JsonElement>> answers = new ArrayList<>();
    for (int millis : new int[] {300, 100, 200}) {
      Future<JsonElement> answer = rpc.call("wait", numbers(millis));
      answer.addDoneCallback(done -> order.add(done.result().toString()));
      answers.add(answer);
    }

    assertThat(answers.stream().map(RpcContract::outcome))
        .containsExactly("[300]", "[100]", "[200]");
    Turns.turn(); // the callback of the last one
    if (isOrdered()) {
      assertThat(order).containsExactly("[300]", "[100]", "[200]");
    } else {
      assertThat(order).containsExactly("[100]", "[200]", "[300]");
    }
    end(probe);
  }

  @LoopTest
  @Spec("HER-111")
  void aCallAndItsAnswerLookAsTheyShould(LoopProbe probe) throws Exception {
    assertAnswer(
        probe,
        "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": [1, 2], \"id\": \"a\"}",
        "{\"jsonrpc\": \"2.0\", \"result\": 3, \"id\": \"a\"}");
  }

  @LoopTest
  @Spec({"STACK-13", "HER-111"})
  void aNotificationHasNoAnswerWhateverHappens(LoopProbe probe) throws Exception {
    Raw raw = new Raw();
    connect(raw.protocol);
    raw.say("{\"jsonrpc\": \"2.0\", \"method\": \"note\", \"params\": [7]}");
    raw.say("{\"jsonrpc\": \"2.0\", \"method\": \"guess\"}");
    raw.say("{\"jsonrpc\": \"2.0\", \"method\": \"divide\", \"params\": [1, 0]}");
    probe.runUntilAllBlocked();
    assertThat(raw.lines).isEmpty();
    assertThat(calculator.notes()).containsExactly("[7]");

    raw.say("{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": [7, 1], \"id\": 1}");
    probe.runUntilAllBlocked();
    assertThat(raw.lines).containsExactly("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":8}");
    end(probe);
  }

  @LoopTest
  @Spec("HER-111")
  void aBatchIsAnsweredWithoutItsNotifications(LoopProbe probe) throws Exception {
    Raw raw = new Raw();
    connect(raw.protocol);
    raw.say(
        "[{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": [1, 2], \"id\": 1},"
            + "{\"jsonrpc\": \"2.0\", \"method\": \"note\", \"params\": [3]},"
            + " 5,"
            + "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": [4, 5], \"id\": 2}]");
    probe.runUntilAllBlocked();
    assertThat(raw.answers())
        .containsExactly(
            JsonParser.parseString(
                "[{\"jsonrpc\": \"2.0\", \"result\": 3, \"id\": 1},"
                    + "{\"jsonrpc\": \"2.0\", \"id\": null, \"error\": {\"code\": -32600,"
                    + " \"message\": \"invalid request: this is not a request\"}},"
                    + "{\"jsonrpc\": \"2.0\", \"result\": 9, \"id\": 2}]"));

    raw.lines.clear();
    raw.say("[{\"jsonrpc\": \"2.0\", \"method\": \"note\", \"params\": [6]}]");
    probe.runUntilAllBlocked();
    assertThat(raw.lines).as("of a batch of notifications").isEmpty();
    assertThat(calculator.notes()).containsExactly("[3]", "[6]");
    end(probe);
  }

  // ---- what is wrong

  @LoopTest
  @Spec("HER-111")
  void whatIsNotARequestIsRefused(LoopProbe probe) throws Exception {
    Raw raw = new Raw();
    connect(raw.protocol);
    List<String> wrong =
        List.of(
            "[]",
            "5",
            "{}",
            "{\"method\": \"add\", \"id\": 1}",
            "{\"jsonrpc\": \"1.0\", \"method\": \"add\", \"id\": 1}",
            "{\"jsonrpc\": \"2.0\", \"method\": 1, \"id\": 1}",
            "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": 1, \"id\": 1}",
            "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": null, \"id\": 1}",
            "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"id\": [1]}");
    for (String line : wrong) {
      raw.say(line);
      probe.runUntilAllBlocked();
    }
    assertThat(raw.lines).hasSize(wrong.size());
    assertThat(raw.answers())
        .allSatisfy(answer -> {
          assertThat(answer.getAsJsonObject().get("id")).isEqualTo(JsonNull.INSTANCE);
          assertThat(answer.getAsJsonObject().getAsJsonObject("error").get("code"))
              .isEqualTo(new JsonPrimitive(RpcError.INVALID_REQUEST));
        });
    end(probe);
  }

  @LoopTest
  @Spec("HER-111")
  void whatIsNoJsonIsAnsweredToo(LoopProbe probe) throws Exception {
    Raw raw = new Raw();
    connect(raw.protocol);
    List<String> wrong =
        List.of("{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\"", "foo", "{} {}", "[1,]");
    for (String line : wrong) {
      raw.say(line);
      probe.runUntilAllBlocked();
    }
    assertThat(raw.lines)
        .hasSize(wrong.size())
        .containsOnly(
            "{\"jsonrpc\":\"2.0\",\"id\":null,"
                + "\"error\":{\"code\":-32700,\"message\":\"this is not JSON\"}}");
    end(probe);
  }

  // ---- the end

  @LoopTest
  @Spec({"STACK-12", "HER-111"})
  void callsThatWaitWhenTheConnectionEndsFail(LoopProbe probe) throws Exception {
    JsonRpc rpc = client();
    Future<JsonElement> slow = rpc.call("wait", numbers(10_000));
    Future<JsonElement> other = rpc.call("wait", numbers(20_000));
    probe.runUntilAllBlocked();
    served.getFirst().transport().abort();

    assertThat(outcome(slow)).isEqualTo("IOException");
    assertThat(outcome(other)).isEqualTo("IOException");
    assertThatThrownBy(() -> rpc.call("add", numbers(1, 1)))
        .isInstanceOf(IllegalStateException.class);
    end(probe);
  }

  @LoopTest
  @Spec({"STACK-12", "STACK-13"})
  void theServerMayAskWhereTheTransportLetsIt(LoopProbe probe) throws Exception {
    JsonRpc rpc = new JsonRpc(calculator);
    connect(rpc);
    probe.runUntilAllBlocked();
    JsonRpc asking = served.getFirst();
    if (isOrdered()) {
      assertThatThrownBy(() -> asking.call("add", numbers(1, 2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cannot begin");
    } else {
      assertThat(outcome(asking.call("add", numbers(1, 2)))).isEqualTo("3");
    }
    end(probe);
  }

  @LoopTest
  @Spec({"STACK-5", "HER-109"})
  void anAnswerWaitsUntilAPausedClientReads(LoopProbe probe) throws Exception {
    JsonRpc rpc = client();
    rpc.transport().pauseReading();
    Future<JsonElement> answer = createTask(() -> await(rpc.call("add", numbers(1, 2))));
    probe.runUntilAllBlocked();
    assertThat(answer.isDone()).isFalse();
    rpc.transport().resumeReading();
    assertThat(outcome(answer)).isEqualTo("3");
    end(probe);
  }
}
