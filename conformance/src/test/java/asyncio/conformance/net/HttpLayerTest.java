package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Future;
import asyncio.conformance.Spec;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import rpc.Calculator;
import rpc.HttpClientLayer;
import rpc.HttpServerLayer;
import rpc.JsonRpc;
import rpc.Service;

/** HTTP as a transport, against peers that speak HTTP by hand, and against another one's HTTP. */
@LoopTest
class HttpLayerTest {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d+)");

  /** An end without a layer: bytes to and from a stack. */
  private record Plain(SocketChannel channel, LoopProbe probe) {
    static Plain of(MemoryNetwork network, LoopProbe probe, asyncio.net.Protocol stack)
        throws IOException {
      MemoryNetwork.Pair pair = network.pair();
      pair.second().configureBlocking(false);
      getRunningLoop().connectAcceptedSocket(() -> stack, pair.first(), ServerOptions.DEFAULT);
      return new Plain(pair.second(), probe);
    }

    void send(String text) throws IOException {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      probe.runUntilAllBlocked();
    }

    /** What has come so far, or "" if that is the end. */
    String receive() throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(10_000);
      return channel.read(buffer) < 0
          ? "end"
          : new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    void end() throws IOException {
      channel.close();
      probe.runUntilAllBlocked();
    }
  }

  private static String post(String body) {
    return "POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String call(int id, String method, int... numbers) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}"
        .formatted(id, method, RpcContract.numbers(numbers));
  }

  private static String answer(int id, String result) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":%s}".formatted(id, result);
  }

  private static List<String> statuses(String responses) {
    return STATUS.matcher(responses).results().map(status -> status.group(1)).toList();
  }

  @LoopTest
  @Spec("STACK-11")
  void theOrderOfRepliesIsTheOrderOfRequests(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Plain client = Plain.of(network, probe, new HttpServerLayer(new JsonRpc(new Calculator())));
    client.send(
        post(call(1, "wait", 500))
            + post("{\"jsonrpc\":\"2.0\",\"method\":\"note\"}")
            + "GET /rpc HTTP/1.1\r\nHost: h\r\n\r\n"
            + post(call(2, "wait", 100))
            + post(call(3, "add", 1, 2)));
    asyncio.Asyncio.sleep(asyncio.Asyncio.seconds(1));
    String received = client.receive();

    assertThat(statuses(received)).containsExactly("200", "204", "405", "200", "200");
    assertThat(received)
        .containsSubsequence(answer(1, "[500]"), answer(2, "[100]"), answer(3, "3"));
    client.end();
  }

  @LoopTest
  @Spec({"STACK-11", "STACK-13"})
  void eachRequestBodyIsOneMessageHoweverItWasCut(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    Plain client = Plain.of(network, probe, new HttpServerLayer(new JsonRpc(new Calculator())));
    String body = call(1, "add", 1, 2).replace(",", ",\n");
    int half = body.length() / 2;
    String request =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
            .formatted(half, body.substring(0, half), body.length() - half, body.substring(half));
    for (char c : request.toCharArray()) {
      client.send(String.valueOf(c));
    }
    String received = client.receive();
    assertThat(statuses(received)).containsExactly("200");
    assertThat(received).endsWith(answer(1, "3") + "\n");
    client.end();
  }

  @LoopTest
  @Spec("STACK-11")
  void theConnectionEndsAsHttpSaysIt(MemoryNetwork network, LoopProbe probe) throws Exception {
    Plain closing = Plain.of(network, probe, new HttpServerLayer(new JsonRpc(new Calculator())));
    closing.send(post(call(1, "add", 1, 2)).replace("Host: h", "Host: h\r\nConnection: close"));
    assertThat(closing.receive()).contains("connection: close").contains(answer(1, "3"));
    assertThat(closing.receive()).isEqualTo("end");
    closing.end();

    Plain wrong = Plain.of(network, probe, new HttpServerLayer(new JsonRpc(new Calculator())));
    wrong.send("this is no HTTP\r\n\r\n");
    assertThat(statuses(wrong.receive())).containsExactly("400");
    assertThat(wrong.receive()).isEqualTo("end");
    wrong.end();
  }

  @LoopTest
  @Spec({"STACK-11", "HER-111"})
  void aServerThatRefusesFailsTheCalls(MemoryNetwork network, LoopProbe probe) throws Exception {
    probe.expectErrors();
    JsonRpc rpc = new JsonRpc(Service.none());
    Plain server = Plain.of(network, probe, new HttpClientLayer(rpc, "h", "/path"));
    Future<JsonElement> answer = rpc.call("add", RpcContract.numbers(1, 2));
    assertThat(server.receive()).startsWith("POST /path HTTP/1.1\r\nhost: h\r\n");
    server.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");

    assertThatThrownBy(() -> await(answer))
        .hasMessageContaining("the connection was lost")
        .hasRootCauseMessage("the HTTP server answers: 503 Service Unavailable");
    server.end();
  }

  @LoopTest(realTime = true)
  @Spec({"STACK-11", "STACK-13"})
  void theClientOfTheJdkIsServed() throws Exception {
    Server server =
        getRunningLoop()
            .createServer(() -> new HttpServerLayer(new JsonRpc(new Calculator())), "127.0.0.1", 0);
    HttpResponse<String> response;
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + Servers.port(server) + "/rpc"))
              .POST(HttpRequest.BodyPublishers.ofString(call(1, "add", 20, 22)))
              .version(HttpClient.Version.HTTP_1_1)
              .build();
      response = toThread(() -> client.send(request, HttpResponse.BodyHandlers.ofString()));
      toThread(client::close);
    }
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(answer(1, "42") + "\n");
    server.close();
    server.closeClients();
    await(asyncio.Asyncio.createTask(server::waitClosed));
  }
}
