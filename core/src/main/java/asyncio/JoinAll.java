package asyncio;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The tasks of a loop that wait for all others, so that they do not wait for one another.
 * Loop-confined.
 */
final class JoinAll {
  private final Set<Task<?>> joining = new HashSet<>();

  void join(AbstractEventLoop loop, Task<?> caller) {
    joining.add(caller);
    try {
      for (; ; ) {
        Set<Task<?>> others = new LinkedHashSet<>(loop.tasks.snapshot());
        others.removeAll(joining);
        if (others.isEmpty()) {
          return;
        }
        WaitForMembers.wait(others, WaitOptions.DEFAULT);
      }
    } finally {
      joining.remove(caller);
    }
  }
}
