package asyncio;

/**
 * Makes a task, as the constructors of {@link Task} and of its subclasses do: {@code MyTask::new}.
 *
 * @see Asyncio#createEagerTaskFactory
 */
@FunctionalInterface
public interface TaskConstructor {

  /** Makes a task of {@code loop} that runs {@code coroutine}, and heeds all of {@code options}. */
  Task<?> newTask(Awaitable<?> coroutine, EventLoop loop, TaskOptions options);
}
