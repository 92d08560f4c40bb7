package asyncio.tools.programs;

import static asyncio.Asyncio.*;

import asyncio.TaskOptions;
import asyncio.sync.Event;
import asyncio.sync.Lock;

/** A program whose tasks all wait: a group of two, and one that blocks in the JDK if it may. */
public final class Waiting {
  private static final Event NEVER = new Event();

  private Waiting() {}

  static void pause() {
    NEVER.await();
  }

  static void play() {
    pause();
  }

  static void album() {
    taskGroup(group -> {
      group.createTask(Waiting::play, TaskOptions.named("first"));
      group.createTask(Waiting::play, TaskOptions.named("second"));
    });
  }

  /** Says that everything is in place once the tasks that exist have had their turns. */
  static void announce() {
    for (int i = 0; i < 5; i++) {
      sleep(seconds(0));
    }
    System.out.println("ready");
    System.out.flush();
  }

  public static void main(String[] arguments) {
    run(() -> {
      Lock lock = new Lock();
      createTask(
          () -> {
            try (var _ = lock.acquire()) {
              pause();
            }
          },
          TaskOptions.named("holder"));
      createTask(lock::acquire, TaskOptions.named("waiter"));
      createTask(Waiting::announce);
      album();
    });
  }
}
