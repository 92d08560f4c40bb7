package rpc;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;

import asyncio.Future;
import asyncio.net.Server;
import asyncio.net.StreamProtocol;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The stack that PEP 3153 gives as its example: an application on JSON-RPC, JSON-RPC on a transport
 * that is HTTP, HTTP on TCP; and then the same on TCP alone. Only the assembly differs.
 *
 * <p>Run it with Gson and Netty's HTTP on the class path; join these by colons: {@code ./asyncio
 * run -cp gson-2.15.0.jar netty-codec-http-4.2.18.Final.jar netty-codec-base-4.2.18.Final.jar
 * netty-transport-4.2.18.Final.jar netty-buffer-4.2.18.Final.jar netty-common-4.2.18.Final.jar
 * netty-resolver-4.2.18.Final.jar netty-handler-4.2.18.Final.jar
 * netty-codec-compression-4.2.18.Final.jar examples/stack/rpc/Main.java}
 */
class Main {
  void main() {
    run(() -> {
      System.out.println("JSON-RPC on TCP");
      talk(rpc -> rpc, rpc -> rpc);
      System.out.println("JSON-RPC on HTTP on TCP");
      talk(HttpServerLayer::new, rpc -> new HttpClientLayer(rpc, "localhost", "/rpc"));
    });
  }

  /** The same conversation, whatever lies between JSON-RPC and TCP. */
  static void talk(
      UnaryOperator<StreamProtocol> serverStack, UnaryOperator<StreamProtocol> clientStack)
      throws Exception {
    Calculator calculator = new Calculator();
    Server server =
        getRunningLoop()
            .createServer(() -> serverStack.apply(new JsonRpc(calculator)), "127.0.0.1", 0);
    try (var _ = server.scope()) {
      int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
      JsonRpc rpc = new JsonRpc(Service.none());
      getRunningLoop().createConnection(() -> clientStack.apply(rpc), "127.0.0.1", port);

      System.out.println("  2 + 3 is " + await(rpc.call("add", numbers(2, 3))));
      rpc.tell("note", numbers(42));
      print(
          rpc.batch(
              List.of(
                  new JsonRpc.Call("add", numbers(1, 1)),
                  new JsonRpc.Call("divide", numbers(1, 0)),
                  new JsonRpc.Call("subtract", numbers(2, 1)),
                  new JsonRpc.Call("add", numbers(1)))));
      System.out.println("  it was told " + calculator.notes());
      rpc.close();
    }
  }

  private static void print(List<Future<JsonElement>> answers) {
    for (Future<JsonElement> answer : answers) {
      try {
        System.out.println("  " + await(answer));
      } catch (Exception e) {
        System.out.println("  " + (e.getCause() == null ? e : e.getCause()).getMessage());
      }
    }
  }

  static JsonArray numbers(int... numbers) {
    JsonArray array = new JsonArray();
    for (int number : numbers) {
      array.add(number);
    }
    return array;
  }
}
