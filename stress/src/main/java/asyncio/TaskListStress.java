package asyncio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A foreign thread takes a snapshot while the loop removes the middle one of three tasks and adds
 * another. Result: whether the first and the last, which stay, are in the snapshot.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both are")
@Outcome(expect = FORBIDDEN, desc = "the snapshot missed a task that was there all the time")
@State
public class TaskListStress {
  private final TaskList list = new TaskList();
  private final TaskStepper[] steppers = steppers();

  public TaskListStress() {
    for (int i = 0; i < 3; i++) {
      list.add(steppers[i]);
    }
  }

  private static TaskStepper[] steppers() {
    AbstractEventLoop loop = new LoopWithoutSelector(); // holds the handles of the first steps
    TaskStepper[] made = new TaskStepper[4];
    for (int i = 0; i < made.length; i++) {
      made[i] = new Task<>(() -> null, loop).stepper();
      loop.tasks.remove(made[i]);
      made[i].nextTask = null;
    }
    return made;
  }

  private static final class LoopWithoutSelector extends AbstractEventLoop {
    LoopWithoutSelector() {
      super(Engine.PORTABLE);
    }

    @Override
    protected void poll(long timeoutNanos) {}

    @Override
    protected void wakeUp() {}

    @Override
    public long time() {
      return 0;
    }
  }

  @Actor
  public void loop() {
    list.remove(steppers[1]);
    list.add(steppers[3]);
  }

  @Actor
  public void foreignThread(II_Result result) {
    List<Task<?>> snapshot = list.snapshot();
    result.r1 = snapshot.contains(steppers[0].task) ? 1 : 0;
    result.r2 = snapshot.contains(steppers[2].task) ? 1 : 0;
  }

  /** A removed task loses its link at once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both are")
  @Outcome(expect = FORBIDDEN, desc = "a task was missed")
  @State
  public static class BrokenTwin {
    private final TaskList list = new TaskList();
    private final TaskStepper[] steppers = steppers();

    public BrokenTwin() {
      for (int i = 0; i < 3; i++) {
        list.add(steppers[i]);
      }
    }

    @Actor
    public void loop() {
      list.remove(steppers[1]);
      steppers[1].nextTask = null;
    }

    @Actor
    public void foreignThread(II_Result result) {
      List<Task<?>> snapshot = list.snapshot();
      result.r1 = snapshot.contains(steppers[0].task) ? 1 : 0;
      result.r2 = snapshot.contains(steppers[2].task) ? 1 : 0;
    }
  }
}
