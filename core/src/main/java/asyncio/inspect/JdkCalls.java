package asyncio.inspect;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Calls of the JDK that block a task. */
final class JdkCalls {

  private JdkCalls() {}

  /**
   * What a task waits for that is blocked.
   *
   * @param frames where it is, innermost first; empty if that was not read
   * @param owner who owns the lock that it waits for; null if it waits for none
   */
  static WaitInfo infoOf(
      @Nullable Thread thread, List<StackTraceElement> frames, @Nullable TaskRef owner) {
    Object blocker = thread == null ? null : LockSupport.getBlocker(thread);
    StringBuilder text = new StringBuilder();
    StackTraceElement call = outermostOfJdk(frames);
    if (call != null) {
      text.append(simpleName(call.getClassName())).append('.').append(call.getMethodName());
    } else if (thread != null && thread.getState() == Thread.State.BLOCKED) {
      text.append("entry of a synchronized section");
    } else {
      text.append("a call of the JDK");
    }
    if (blocker != null) {
      text.append(" on ")
          .append(blocker.getClass().getName())
          .append('@')
          .append(Integer.toHexString(System.identityHashCode(blocker)));
    }
    return new WaitInfo(
        WaitKind.JDK_CALL,
        blocker == null ? "0x0" : Ids.of(blocker),
        text.toString(),
        owner == null ? List.of() : List.of(owner),
        owner == null ? 0 : 1,
        false,
        owner != null,
        null);
  }

  /** The method that users' code called. */
  private static @Nullable StackTraceElement outermostOfJdk(List<StackTraceElement> frames) {
    StackTraceElement last = null;
    for (StackTraceElement frame : frames) {
      String type = frame.getClassName();
      if (!type.startsWith("java.")
          && !type.startsWith("javax.")
          && !type.startsWith("jdk.")
          && !type.startsWith("sun.")) {
        break;
      }
      last = frame;
    }
    return last;
  }

  private static String simpleName(String type) {
    return type.substring(type.lastIndexOf('.') + 1);
  }
}
