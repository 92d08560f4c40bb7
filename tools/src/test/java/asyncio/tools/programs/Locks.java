package asyncio.tools.programs;

import static asyncio.Asyncio.*;

import asyncio.TaskOptions;
import asyncio.sync.Lock;

/** Two tasks, each with the lock that the other one wants, and two of one name. */
public final class Locks {
  private Locks() {}

  private static void takeBoth(Lock first, Lock second) {
    try (var _ = first.acquire()) {
      sleep(seconds(0));
      second.acquire().close();
    }
  }

  public static void main(String[] arguments) {
    run(() -> {
      Lock left = new Lock();
      Lock right = new Lock();
      createTask(() -> takeBoth(left, right), TaskOptions.named("philosopher"));
      createTask(() -> takeBoth(right, left), TaskOptions.named("thinker"));
      createTask(Waiting::pause, TaskOptions.named("twin"));
      createTask(Waiting::pause, TaskOptions.named("twin"));
      createTask(Waiting::announce);
      Waiting.pause();
    });
  }
}
