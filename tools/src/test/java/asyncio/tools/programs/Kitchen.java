package asyncio.tools.programs;

import static asyncio.Asyncio.*;

import asyncio.TaskOptions;
import asyncio.sync.Lock;
import asyncio.sync.Queue;

/** The program of docs/guides/hanging-tasks.md. */
public final class Kitchen {
  private static final Lock OVEN = new Lock();
  private static final Lock MIXER = new Lock();
  private static final Queue<String> ORDERS = new Queue<>();

  private Kitchen() {}

  static void bake() {
    try (var _ = OVEN.acquire()) {
      sleep(millis(10)); // heats up
      try (var _ = MIXER.acquire()) {
        ORDERS.put("bread");
      }
    }
  }

  static void whip() {
    try (var _ = MIXER.acquire()) {
      sleep(millis(10));
      try (var _ = OVEN.acquire()) {
        ORDERS.put("cake");
      }
    }
  }

  static void serve() {
    System.out.println(ORDERS.get());
  }

  static void open() {
    taskGroup(kitchen -> {
      kitchen.createTask(Kitchen::bake, TaskOptions.named("baker"));
      kitchen.createTask(Kitchen::whip, TaskOptions.named("pastry cook"));
      kitchen.createTask(Kitchen::serve, TaskOptions.named("waiter"));
    });
  }

  public static void main(String[] arguments) {
    run(() -> {
      createTask(() -> {
        sleep(millis(50));
        Waiting.announce();
      });
      open();
    });
  }
}
