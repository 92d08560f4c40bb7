package asyncio.conformance;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.conformance.Transcript.truth;
import static asyncio.conformance.Transcript.why;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Task;
import asyncio.Timeout;
import asyncio.TimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs of timeouts and groups, compared line by line with what CPython 3.13 printed for the
 * same programs.
 */
class TranscriptScopesTest {

  private static void waitUntilDone(Task<?> task) {
    Asyncio.wait(List.of(task));
  }

  // ---- timeouts

  private static String since(long start, EventLoop loop) {
    return String.format(Locale.ROOT, "%.1f", (loop.time() - start) / 1e9);
  }

  private static long in(EventLoop loop, double delay) {
    return loop.time() + seconds(delay).toNanos();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void timeouts(Engine engine) {
    Transcript.compare(
        engine,
        "timeouts",
        (loop, out) -> {
          long start = loop.time();
          out.print("-- in time and out of it");
          var scope = new Timeout(seconds(0.2));
          scope.run(() -> {
            sleep(seconds(0.1));
            out.print("slept");
          });
          out.print(scope.expired());
          var late = new Timeout(seconds(0.1));
          try {
            late.run(() -> {
              try {
                sleep(seconds(1));
              } catch (CancelledError e) {
                out.print("body cancelled, requests", currentTask().cancelling());
                throw e;
              }
            });
          } catch (TimeoutException e) {
            out.print(
                "timed out at",
                since(start, loop) + ", expired",
                truth(late.expired()) + ", requests",
                currentTask().cancelling());
          }

          out.print("-- nested");
          nested(0.1, 0.3, start, loop, out);
          nested(0.3, 0.1, start, loop, out);
          rescheduled(start, loop, out);
          otherEnds(out);
        });
  }

  private static void nested(
      double outerLimit, double innerLimit, long start, EventLoop loop, Transcript out) {
    var outer = new Timeout(seconds(outerLimit));
    var inner = new Timeout(seconds(innerLimit));
    try {
      outer.run(() -> {
        try {
          inner.run(() -> sleep(seconds(1)));
        } catch (TimeoutException e) {
          out.print("inner timed out at", since(start, loop));
        }
        sleep(seconds(1));
      });
    } catch (TimeoutException e) {
      out.print("outer timed out at", since(start, loop));
    }
    out.print("outer", truth(outer.expired()) + ", inner", inner.expired());
  }

  private static void rescheduled(long start, EventLoop loop, Transcript out) {
    out.print("-- rescheduled");
    var scope = new Timeout(seconds(0.1));
    try {
      scope.run(() -> {
        sleep(seconds(0));
        scope.reschedule(in(loop, 0.4));
        sleep(seconds(0.3));
        out.print("still there");
        scope.reschedule(EventLoop.NEVER);
        sleep(seconds(0.3));
        out.print("no limit");
        scope.reschedule(in(loop, 0.1));
        sleep(seconds(1));
      });
    } catch (TimeoutException e) {
      out.print("timed out at", since(start, loop));
    }
  }

  private static void otherEnds(Transcript out) {
    out.print("-- cancelled from outside");
    Task<?> limited =
        createTask(() -> {
          try {
            new Timeout(seconds(0.5)).run(() -> sleep(seconds(0.3)));
          } catch (CancelledError e) {
            out.print("cancelled", why(e));
            throw e;
          } catch (TimeoutException e) {
            out.print("timed out");
          }
        });
    sleep(seconds(0.1));
    limited.cancel("outside");
    waitUntilDone(limited);
    out.print(limited.isCancelled(), limited.cancelling());

    out.print("-- limit of zero, and a body that does not wait");
    try {
      new Timeout(seconds(0))
          .run(() -> {
            out.print("body runs");
            sleep(seconds(0));
            out.print("a bare yield is long enough");
          });
    } catch (TimeoutException e) {
      out.print("timed out");
    }
    var negative = new Timeout(seconds(-1));
    negative.run(() -> out.print("body ends at once"));
    out.print(negative.expired());

    out.print("-- a failure wins");
    try {
      new Timeout(seconds(0.1))
          .run(() -> {
            try {
              sleep(seconds(1));
            } catch (CancelledError e) {
              throw new IllegalArgumentException("instead");
            }
          });
    } catch (IllegalArgumentException e) {
      out.print("failure", e.getMessage() + ", requests", currentTask().cancelling());
    }

    out.print("-- swallowed");
    var swallowed = new Timeout(seconds(0.1));
    swallowed.run(() -> {
      try {
        sleep(seconds(1));
      } catch (CancelledError e) {
        out.print("swallowed");
      }
      sleep(seconds(0.1));
      out.print("goes on");
    });
    out.print(swallowed.expired(), currentTask().cancelling());
  }

  // ---- task groups

  private static Coroutine<String> member(String name, double delay, String how, Transcript out) {
    return () -> {
      out.print(name, "begins");
      try {
        sleep(seconds(delay));
        if (how.equals("fails")) {
          out.print(name, "fails");
          throw new IllegalArgumentException(name);
        }
        out.print(name, "ends");
        return name;
      } catch (CancelledError e) {
        out.print(name, "cancelled");
        if (how.equals("fails when cancelled")) {
          throw new IllegalArgumentException(name + " in clean-up");
        }
        if (how.equals("is slow to end")) {
          sleep(seconds(0.2));
          out.print(name, "cleaned up");
        }
        throw e;
      }
    };
  }

  private static Coroutine<String> member(String name, double delay, Transcript out) {
    return member(name, delay, "ends", out);
  }

  private static String shown(Throwable group) {
    return ((ExceptionGroup) group)
        .exceptions().stream()
            .map(e -> e instanceof ExceptionGroup ? shown(e) : e.getMessage())
            .collect(Collectors.joining(", ", "[", "]"));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TG-12", "TG-13"})
  void groups(Engine engine) {
    Transcript.compare(
        engine,
        "groups",
        (_, out) -> {
          out.print("-- all end");
          List<Task<String>> tasks = new ArrayList<>();
          taskGroup(group -> {
            tasks.add(group.createTask(member("a", 0.2, out)));
            tasks.add(group.createTask(member("b", 0.1, out)));
            out.print("body ends");
          });
          out.print(tasks.get(0).result(), tasks.get(1).result(), currentTask().cancelling());
          failingGroups(out);
          cancelledGroups(out);
        });
  }

  private static void failingGroups(Transcript out) {
    out.print("-- one fails");
    try {
      taskGroup(group -> {
        group.createTask(member("bad", 0.1, "fails", out));
        group.createTask(member("slow", 0.5, "is slow to end", out));
      });
    } catch (ExceptionGroup e) {
      out.print(shown(e), currentTask().cancelling());
    }

    out.print("-- two fail");
    try {
      taskGroup(group -> {
        group.createTask(member("also bad", 0.5, "fails when cancelled", out));
        group.createTask(member("bad", 0.1, "fails", out));
      });
    } catch (ExceptionGroup e) {
      out.print(shown(e), currentTask().cancelling());
    }

    out.print("-- one fails while the body waits");
    try {
      taskGroup(group -> {
        group.createTask(member("bad", 0.1, "fails", out));
        try {
          sleep(seconds(1));
        } catch (CancelledError e) {
          out.print("body cancelled");
          throw e;
        }
      });
    } catch (ExceptionGroup e) {
      out.print(shown(e), currentTask().cancelling());
    }

    out.print("-- the body fails");
    try {
      taskGroup(group -> {
        group.createTask(member("long", 1, out));
        sleep(seconds(0));
        throw new IllegalArgumentException("body");
      });
    } catch (ExceptionGroup e) {
      out.print(shown(e));
    }

    out.print("-- nested");
    try {
      taskGroup(outer -> {
        outer.createTask(member("outer", 0.5, out));
        taskGroup(inner -> {
          inner.createTask(member("inner", 0.5, out));
          inner.createTask(member("bad", 0.1, "fails", out));
        });
      });
    } catch (ExceptionGroup e) {
      out.print(shown(e));
    }
  }

  private static void cancelledGroups(Transcript out) {
    out.print("-- cancelled from outside");
    Task<?> parent =
        createTask(() -> {
          try {
            taskGroup(group -> {
              group.createTask(member("slow child", 1, "is slow to end", out));
            });
          } catch (CancelledError e) {
            out.print("parent cancelled");
            throw e;
          }
        });
    sleep(seconds(0.1));
    parent.cancel("outside");
    waitUntilDone(parent);
    out.print(parent.isCancelled(), parent.cancelling());

    out.print("-- cancelled from outside while a child fails");
    Task<?> failing =
        createTask(() ->
            taskGroup(group -> {
              group.createTask(member("child", 1, "fails when cancelled", out));
            }));
    sleep(seconds(0.1));
    failing.cancel("outside");
    waitUntilDone(failing);
    out.print(failing.isCancelled(), failing.cancelling(), shown(failing.exception()));

    out.print("-- cancelled from outside after the body failed");
    Task<?> failed =
        createTask(() -> {
          try {
            taskGroup(group -> {
              group.createTask(member("slow child", 1, "is slow to end", out));
              sleep(seconds(0.1));
              throw new IllegalArgumentException("body");
            });
          } catch (ExceptionGroup e) {
            out.print(shown(e), currentTask().cancelling());
          }
          sleep(seconds(0));
          out.print("never");
        });
    sleep(seconds(0.2));
    failed.cancel("outside");
    waitUntilDone(failed);
    out.print(failed.isCancelled(), failed.cancelling());

    out.print("-- a child cancels itself, and adds another");
    List<Task<?>> children = new ArrayList<>();
    taskGroup(group -> {
      children.add(
          group.createTask(() -> {
            currentTask().cancel();
            sleep(seconds(0));
          }));
      group.createTask(() -> {
        sleep(seconds(0.1));
        group.createTask(member("added", 0.1, out));
      });
    });
    out.print(children.getFirst().isCancelled());

    out.print("-- with a timeout around it");
    try {
      new Timeout(seconds(0.1))
          .run(() ->
              taskGroup(group -> {
                group.createTask(member("too long", 1, out));
              }));
    } catch (TimeoutException e) {
      out.print("timed out", currentTask().cancelling());
    }
  }
}
