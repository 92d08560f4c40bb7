package asyncio;

/**
 * Makes the tasks of a loop, in place of the loop itself (spec TASK-18).
 *
 * @see EventLoop#setTaskFactory
 * @see Asyncio#eagerTaskFactory
 */
@FunctionalInterface
public interface TaskFactory {

  /**
   * Makes the task for a call of {@code createTask}; what this returns is what the caller gets.
   *
   * @param loop the loop that was asked
   * @param coroutine the code the task is to run
   * @param options everything else that the caller said
   */
  Task<?> newTask(EventLoop loop, Awaitable<?> coroutine, TaskOptions options);
}
