package asyncio.testkit;

import asyncio.Asyncio;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What a test left behind, as one error. */
final class Leftovers {
  private final LoopHooks hooks;
  private final StringBuilder text = new StringBuilder();
  private final List<Throwable> exceptions = new ArrayList<>();

  Leftovers(LoopHooks hooks) {
    this.hooks = hooks;
  }

  void addTasks() {
    Collection<Task<?>> tasks = Asyncio.allTasks(hooks.loop);
    if (!tasks.isEmpty()) {
      text.append("\nunfinished tasks; await them, or cancel them and await their end:");
      for (Task<?> task : tasks) {
        text.append('\n');
        hooks.watch.describe(task, text);
      }
    }
  }

  void addReports(List<ErrorContext> reports) {
    if (!reports.isEmpty()) {
      text.append("\nreports to the exception handler; see LoopProbe.expectErrors:");
      reports.forEach(this::addReport);
    }
  }

  private void addReport(ErrorContext report) {
    text.append("\n  ").append(report.message());
    for (Map.Entry<String, Object> entry : report.asMap().entrySet()) {
      switch (entry.getKey()) {
        case ErrorContext.MESSAGE -> {}
        case ErrorContext.SOURCE_TRACEBACK, ErrorContext.HANDLE_TRACEBACK -> {
          if (entry.getValue() instanceof List<?> frames && !frames.isEmpty()) {
            text.append("\n    created at ").append(frames.getFirst());
          }
        }
        default ->
            text.append("\n    ").append(entry.getKey()).append(": ").append(entry.getValue());
      }
    }
    if (report.get(ErrorContext.SOURCE_TRACEBACK) == null
        && report.get(ErrorContext.FUTURE) != null) {
      StackTraceElement origin =
          hooks.watch.originOfFailed(String.valueOf(report.get(ErrorContext.FUTURE)));
      text.append(origin == null ? "" : "\n    created at " + origin);
    }
    if (report.exception() != null) {
      exceptions.add(report.exception());
    }
  }

  void addUnretrieved() {
    List<ErrorContext> reports = hooks.loop.unretrievedExceptions();
    if (!reports.isEmpty()) {
      text.append(
          "\nexceptions that nobody retrieved; await the futures, or ask for their exception():");
      reports.forEach(this::addReport);
    }
  }

  void addTimer(long deadline, long now) {
    if (deadline != EventLoop.NEVER) {
      text.append("\na timer that is still scheduled, ")
          .append((deadline - now) / 1e9)
          .append(" s from now; cancel its handle");
    }
  }

  void addResources() {
    List<String> resources = hooks.watch.openResources();
    if (!resources.isEmpty()) {
      text.append(
          "\nresources that were not closed, or channels whose reader or writer was not removed:");
      resources.forEach(resource -> text.append("\n  ").append(resource));
    }
  }

  void addChannels() {
    MemoryNetwork network = hooks.network;
    if (network == null) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    network
        .openChannelsWithOrigin()
        .forEach((channel, origin) -> {
          if (channel.isOpen() && !hooks.watch.isOpenResource(channel)) {
            lines.append("\n  ").append(channel);
            if (!origin.isEmpty()) {
              lines.append("\n    opened at ").append(origin.getFirst());
            }
          }
        });
    if (!lines.isEmpty()) {
      text.append("\nchannels of the network that were not closed:").append(lines);
    }
  }

  void addThreads(List<Thread> threads) {
    if (!threads.isEmpty()) {
      text.append("\nthreads that were started and have not ended:");
      for (Thread thread : threads) {
        text.append("\n  ").append(thread);
        for (StackTraceElement frame : thread.getStackTrace()) {
          text.append("\n    at ").append(frame);
        }
      }
    }
  }

  /** Throws one error that says everything, with the exceptions as suppressed ones. */
  void throwIfAny() {
    if (!text.isEmpty()) {
      AssertionError error = new AssertionError("the test left something behind" + text);
      exceptions.forEach(error::addSuppressed);
      throw error;
    }
  }
}
