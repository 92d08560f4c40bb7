package asyncio.tools.programs;

import static asyncio.Asyncio.*;

import asyncio.Task;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;

/** Two tasks that await each other. */
public final class Circle {
  private Circle() {}

  public static void main(String[] arguments) {
    run(() -> {
      List<Task<?>> both = new ArrayList<>();
      both.add(createTask(() -> await(both.get(1)), TaskOptions.named("here")));
      both.add(createTask(() -> await(both.get(0)), TaskOptions.named("there")));
      createTask(Waiting::announce);
      Waiting.pause();
    });
  }
}
