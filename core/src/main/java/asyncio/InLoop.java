package asyncio;

import asyncio.internal.vthread.Fiber;
import org.jspecify.annotations.Nullable;

/** What a coroutine runs as, if it belongs to a loop: a task, or a report. */
interface InLoop {

  AbstractEventLoop loop();

  /** Holds the context, and names it in reports. */
  Handle handle();

  /** The step machine of the task, or null if it is no task. */
  @Nullable TaskStepper stepper();

  /** What the calling coroutine runs as; null if there is none, or if it belongs to no loop. */
  static @Nullable InLoop current() {
    Fiber fiber = Fiber.current();
    if (fiber == null) {
      return null;
    }
    Fiber.Body body = fiber.body();
    if (body instanceof InLoop inLoop) {
      return inLoop;
    }
    return body instanceof BodyGenerator<?, ?, ?> generator ? generator.inLoop() : null;
  }
}
