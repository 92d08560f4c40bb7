package asyncio;

import asyncio.internal.vthread.Fiber;
import org.jspecify.annotations.Nullable;

/** A coroutine that belongs to a loop: a task's, or one that runs a report. */
interface InLoop extends Fiber.Body {

  AbstractEventLoop loop();

  /** What it runs as: holds the context and names it in reports. */
  Handle handle();

  /** The step machine of its task, or null if it is no task's. */
  @Nullable TaskStepper stepper();
}
