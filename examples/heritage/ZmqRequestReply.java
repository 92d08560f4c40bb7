import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.sync.Queue;

/**
 * Request and reply between tasks, as ZeroMQ's REQ and REP sockets: a request carries the future of
 * its answer, so answers find their way whatever their order.
 */
class ZmqRequestReply {
  record Request(String text, Future<String> reply) {}

  final Queue<Request> requests = new Queue<>();

  String ask(String text) {
    Future<String> reply = getRunningLoop().createFuture();
    requests.put(new Request(text, reply));
    return await(reply);
  }

  void answerAll(String worker, int pause) {
    while (true) {
      Request request = requests.get();
      sleep(millis(pause));
      request.reply().setResult(request.text() + " from " + worker);
    }
  }

  void main() {
    run(() -> {
      Task<?> slow = createTask(() -> answerAll("a slow worker", 300));
      Task<?> fast = createTask(() -> answerAll("a fast worker", 10));
      taskGroup(group -> {
        for (String text : new String[] {"one", "two", "three"}) {
          group.createTask(() -> System.out.println(ask(text)));
        }
      });
      slow.cancel();
      fast.cancel();
    });
  }
}
