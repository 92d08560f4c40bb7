import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.sync.Queue;
import asyncio.sync.QueueFullException;
import asyncio.sync.QueueShutDownException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Publish and subscribe between tasks, as ZeroMQ's PUB and SUB sockets: a subscriber gets what
 * begins with its prefix, from the moment it subscribes; who is too slow misses some.
 */
class ZmqPublishSubscribe {
  static final int HIGH_WATER_MARK = 2;

  final Map<Queue<String>, String> subscribers = new LinkedHashMap<>();

  Queue<String> subscribe(String prefix) {
    Queue<String> queue = new Queue<>(HIGH_WATER_MARK);
    subscribers.put(queue, prefix);
    return queue;
  }

  void publish(String message) {
    subscribers.forEach((queue, prefix) -> {
      if (message.startsWith(prefix)) {
        try {
          queue.putNowait(message);
        } catch (QueueFullException e) {
          // dropped for this one
        }
      }
    });
  }

  void listen(String name, Queue<String> queue, int pause) {
    try {
      while (true) {
        System.out.println(name + " got " + queue.get());
        sleep(millis(pause));
      }
    } catch (QueueShutDownException e) {
      System.out.println(name + " is done");
    }
  }

  void main() {
    run(() -> {
      publish("news nobody hears");
      var news = subscribe("news");
      var all = subscribe("");
      Task<?> one = createTask(() -> listen("news", news, 0));
      Task<?> two = createTask(() -> listen("a slow one", all, 1_000));
      for (String message : new String[] {"news 1", "weather 1", "news 2", "weather 2", "news 3"}) {
        publish(message);
        sleep(millis(10));
      }
      subscribers.keySet().forEach(Queue::shutdown);
      await(gather(one, two));
    });
  }
}
