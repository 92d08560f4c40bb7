import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.sync.*;

/** Two producers and a consumer, with a queue between them that holds back whoever is faster. */
class ProducerConsumer {
  final Queue<String> queue = new Queue<>(2);

  void main() {
    run(() -> {
      Task<?> consumer = createTask(this::consume);
      await(gather(() -> produce("apple", 3), () -> produce("pear", 2)));
      queue.join(); // until the consumer has dealt with everything
      queue.shutdown();
      await(consumer);
    });
  }

  void produce(String what, int count) {
    for (int i = 1; i <= count; i++) {
      queue.put(what + " " + i); // waits while the queue is full
      sleep(millis(10));
    }
  }

  void consume() {
    try {
      while (true) {
        System.out.println("got " + queue.get());
        queue.taskDone();
      }
    } catch (QueueShutDownException e) {
      System.out.println("done");
    }
  }
}
