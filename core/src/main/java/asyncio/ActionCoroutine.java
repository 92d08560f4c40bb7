package asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A coroutine without a result. */
record ActionCoroutine(Action action) implements Coroutine<@Nullable Void> {

  ActionCoroutine {
    Objects.requireNonNull(action, "action");
  }

  @Override
  public @Nullable Void await() throws Exception {
    action.run();
    return null;
  }
}
