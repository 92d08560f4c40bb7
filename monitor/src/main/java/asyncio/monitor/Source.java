package asyncio.monitor;

import asyncio.monitor.Look.TaskLook;
import org.jspecify.annotations.Nullable;

/** Where the monitor gets to know the program from: the JVM it is in, or what a test makes up. */
interface Source {
  /**
   * Looks at the program. Called by one thread at a time, which is no loop's.
   *
   * @param before the last look, whose tasks are kept if they are not looked at now
   * @param withTasks whether somebody is there to see the tasks
   */
  Look look(@Nullable Look before, boolean withTasks);

  /** One task with its stack, or null if it has ended. Called on threads of an executor. */
  @Nullable TaskLook task(String id);

  /**
   * Asks a task to end. Called on threads of an executor.
   *
   * @return in words what has happened
   * @throws RefusedException if it has ended, or never was
   */
  String cancel(String id);

  /** Lets go of what it has begun in the program; called once no look is under way any more. */
  void close();
}
