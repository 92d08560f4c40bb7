package asyncio.testkit;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Suspends;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a {@link LoopTest} looks at its loop with; a parameter of the test method.
 *
 * <p><b>Threading:</b> loop-confined, except for {@link #trail} and {@link #describeTasks}.
 */
public final class LoopProbe {
  private final LoopHooks hooks;
  private final List<ErrorContext> reports;
  private final List<String> trail = Collections.synchronizedList(new ArrayList<>());
  private boolean errorsExpected;

  LoopProbe(LoopHooks hooks) {
    this.hooks = hooks;
    this.reports = hooks.collectReports();
  }

  /** The loop of the test. */
  public EventLoop loop() {
    return hooks.loop;
  }

  /** The engine it runs tasks with. */
  public Engine engine() {
    return hooks.loop.engine();
  }

  /**
   * Suspends the calling task until every other task is blocked and no callback is ready: whatever
   * could happen without time passing has happened. Tasks that wait for an executor, for I/O or for
   * a timer are blocked.
   */
  @Suspends
  public void runUntilAllBlocked() {
    Asyncio.await(hooks.whenIdle());
  }

  /** How many iterations the loop has begun. */
  public long iterations() {
    return hooks.watch.iterations();
  }

  /**
   * Says that the test expects reports to the loop's exception handler, and exceptions that nobody
   * retrieves.
   *
   * @return the reports, also those to come; the default handler does not log them
   */
  public List<ErrorContext> expectErrors() {
    errorsExpected = true;
    return reports;
  }

  /**
   * A list for the test to write down what happens, in order, and to compare in the end. Every call
   * returns the same one. Thread-safe.
   */
  public List<String> trail() {
    return trail;
  }

  /** Who waits for what, as text, one paragraph a task. Thread-safe. */
  public String describeTasks() {
    return hooks.watch.picture();
  }

  List<ErrorContext> unexpectedReports() {
    return errorsExpected ? List.of() : reports;
  }

  boolean errorsExpected() {
    return errorsExpected;
  }
}
