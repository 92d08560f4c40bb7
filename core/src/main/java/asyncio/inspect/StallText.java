package asyncio.inspect;

import asyncio.inspect.StallReport.CallbackShare;
import asyncio.inspect.StallReport.LockWait;
import asyncio.inspect.StallReport.StackSample;
import asyncio.inspect.StallReport.TaskPlace;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reports of stalls as text. */
final class StallText {
  private static final int SHOWN_SHARES = 8;
  private static final int SAMPLES_SHOWN = 4;
  private static final int OTHERS_SHOWN = 3;

  private StallText() {}

  static String summary(StallReport report) {
    StringBuilder text = new StringBuilder(subject(report));
    String time = String.format(Locale.ROOT, "%.3f s", report.held().toNanos() / 1e9);
    boolean many = report.kind() == StallReport.Kind.MANY_CALLBACKS;
    if (report.over()) {
      text.append(" held the loop for ").append(time);
    } else {
      text.append(many ? " have" : " has").append(" held the loop for ").append(time);
      text.append(many ? " and still do" : " and still does");
    }
    StackTraceElement frame = report.blockingFrame();
    if (frame != null) {
      StackTraceElement call = report.blockingCall();
      if (call != null) {
        text.append(", in ").append(method(call)).append(" called");
      }
      text.append(" at ").append(frame);
    }
    return text.toString();
  }

  private static String subject(StallReport report) {
    TaskPlace task = report.task();
    return switch (report.kind()) {
      case CALLBACK -> "Callback " + report.callback();
      case TASK_STEP -> "Task " + (task == null ? report.callback() : "'" + task.name() + "'");
      case MANY_CALLBACKS ->
          report.callbacksRun() + " callbacks in a row, most of them " + report.callback() + ",";
    };
  }

  static String full(StallReport report) {
    StringBuilder text = new StringBuilder(summary(report));
    TaskPlace task = report.task();
    if (task != null) {
      line(text, 1, "task " + task.name() + ", id " + task.id() + ", runs " + task.coroutine());
    }
    line(text, 1, "stall " + report.number() + " of loop " + report.loopId() + " " + report.loop());
    line(text, 1, "on thread " + report.thread());
    if (!report.createdAt().isEmpty()) {
      line(text, 1, "created at (innermost call first):");
      report.createdAt().forEach(frame -> line(text, 2, frame.toString()));
    }
    if (!report.awaitedBy().isEmpty()) {
      line(text, 1, "awaited by:");
      report.awaitedBy().forEach(awaiter -> line(text, 2, awaiter.toString()));
    }
    appendLock(text, report.lock());
    appendShares(text, report);
    appendSamples(text, report.samples());
    if (report.callbacksReady() > 0) {
      line(text, 1, report.callbacksReady() + " more callbacks wait for the loop");
    }
    return text.toString();
  }

  private static void appendLock(StringBuilder text, @Nullable LockWait lock) {
    if (lock == null) {
      return;
    }
    line(text, 1, "it waits for the lock " + lock.lock());
    TaskPlace owner = lock.owner();
    String held = "held by ";
    if (owner == null) {
      held +=
          "thread "
              + (lock.ownerThread().isEmpty() ? "#" : lock.ownerThread() + " #")
              + lock.ownerThreadId();
    } else {
      held += "task '" + owner.name() + "', id " + owner.id();
      if (lock.deadlock()) {
        held += ", which needs a turn of this loop to release it: a deadlock";
      }
    }
    line(text, 1, held + (lock.ownerStack().isEmpty() ? "" : ", at:"));
    lock.ownerStack().forEach(frame -> line(text, 2, frame.toString()));
  }

  private static void appendShares(StringBuilder text, StallReport report) {
    if (report.shares().isEmpty()) {
      return;
    }
    long seen = report.shares().stream().mapToLong(CallbackShare::seen).sum();
    line(text, 1, "which, in " + seen + (seen == 1 ? " sample:" : " samples:"));
    for (CallbackShare share : report.shares().stream().limit(SHOWN_SHARES).toList()) {
      line(
          text,
          2,
          share.seen()
              + "x "
              + share.callback()
              + (share.at() == null ? "" : " at " + share.at())
              + (share.createdAt() == null ? "" : " created at " + share.createdAt())
              + (share.ready() == 0 ? "" : ", and " + share.ready() + " more ready"));
    }
    if (report.shares().size() > SHOWN_SHARES) {
      line(text, 2, "and " + (report.shares().size() - SHOWN_SHARES) + " kinds more");
    }
  }

  private static void appendSamples(StringBuilder text, List<StackSample> samples) {
    for (StackSample sample : samples.stream().limit(SAMPLES_SHOWN).toList()) {
      boolean isFirst = sample == samples.getFirst();
      line(text, 1, (isFirst ? "found " : "and ") + sample.count() + "x at:");
      int shown = isFirst ? sample.stack().size() : OTHERS_SHOWN; // they differ near the top only
      sample.stack().stream().limit(shown).forEach(frame -> line(text, 2, frame.toString()));
    }
  }

  private static String method(StackTraceElement frame) {
    String type = frame.getClassName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }

  private static void line(StringBuilder text, int depth, String content) {
    text.append('\n').append("    ".repeat(depth)).append(content);
  }
}
