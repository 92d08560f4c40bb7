package asyncio;

import org.jspecify.annotations.Nullable;

/** A coroutine without a result. */
record ActionCoroutine(Action action) implements Coroutine<@Nullable Void> {
  @Override
  public @Nullable Void await() throws Exception {
    action.run();
    return null;
  }
}
