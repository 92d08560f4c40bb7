import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A shop that has something to show: {@code ./asyncio run --monitor examples/Monitored.java 600}
 * keeps it open for ten minutes and prints where the monitor's page is. Customers order, packers
 * pack; once in a while a report holds the loop, and two bookkeepers end up in a deadlock.
 */
class Monitored {
  final Queue<String> orders = new Queue<>(50);
  final Lock stock = new Lock();
  final Lock books = new Lock();
  final Random random = new Random(42);
  final AtomicInteger packed = new AtomicInteger();

  void main(String[] args) {
    double open = args.length == 0 ? 2 : Double.parseDouble(args[0]);
    run(() -> {
      try {
        timeout(seconds(open), this::shop);
      } catch (asyncio.TimeoutException e) {
        System.out.println("closing time; packed orders: " + packed);
      }
    });
  }

  void shop() throws IOException {
    Server server = startServer(this::counter, "127.0.0.1", 0);
    int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
    try {
      taskGroup(group -> {
        for (int i = 1; i <= 4; i++) {
          group.createTask(this::packer, TaskOptions.named("packer-" + i));
        }
        for (int i = 1; i <= 40; i++) {
          group.createTask(() -> customer(port), TaskOptions.named("customer-" + i));
        }
        group.createTask(this::reports, TaskOptions.named("reports"));
        group.createTask(() -> bookkeeper(stock, books), TaskOptions.named("bookkeeper-1"));
        group.createTask(() -> bookkeeper(books, stock), TaskOptions.named("bookkeeper-2"));
      });
    } finally {
      server.close();
      server.abortClients(); // an order may still wait for room that no packer will make
    }
  }

  /** Takes the orders of one customer. */
  void counter(StreamReader in, StreamWriter out) throws IOException {
    try (out) {
      for (String order = in.readUtf8Line(); order != null; order = in.readUtf8Line()) {
        orders.put(order);
        out.writeUtf8("thank you for ordering " + order + "\n");
        out.drain();
      }
    }
  }

  void customer(int port) throws IOException {
    Streams shop = openConnection("127.0.0.1", port);
    try (var out = shop.writer()) {
      for (int i = 0; ; i++) {
        sleep(millis(100 + random.nextInt(900)));
        out.writeUtf8("item " + i + "\n");
        shop.reader().readUtf8Line();
      }
    }
  }

  void packer() {
    while (true) {
      orders.get();
      sleep(millis(20 + random.nextInt(120)));
      packed.incrementAndGet();
    }
  }

  /** Does what should be done in an executor: computes on the loop. */
  void reports() {
    while (true) {
      sleep(seconds(12));
      long end = System.nanoTime() + 1_600_000_000L;
      while (System.nanoTime() < end) {
        Math.sqrt(random.nextDouble());
      }
    }
  }

  /** Takes two locks, and another bookkeeper takes them in the other order. */
  void bookkeeper(Lock first, Lock second) {
    while (true) {
      sleep(millis(random.nextInt(3_000)));
      try (var _ = first.acquire()) {
        sleep(millis(random.nextInt(500)));
        try (var _ = second.acquire()) {
          sleep(millis(50));
        }
      }
    }
  }
}
