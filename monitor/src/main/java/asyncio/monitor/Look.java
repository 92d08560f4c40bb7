package asyncio.monitor;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One look at the program. These records are what the page gets, as JSON, so their names are those
 * in the page's scripts; times are milliseconds.
 *
 * @param uptime of the process
 * @param tasks how many there are
 * @param states how many of them are in each state
 * @param slow what took longest on a loop, longest first
 * @param codes where the loops' time goes, most first
 * @param connections those with the most to send first; not all if there are many
 * @param tree not for the page, which asks for the rows it shows
 */
record Look(
    ProcessLook process,
    double uptime,
    List<LoopLook> loops,
    int tasks,
    Map<String, Integer> states,
    List<CycleLook> cycles,
    List<SlowLook> slow,
    List<CodeLook> codes,
    List<ConnectionLook> connections,
    int connectionCount,
    List<StallLook> stalls,
    TaskTree tree) {

  record ProcessLook(long pid, String command, String jdk, String library) {}

  /**
   * A loop, its levels, and its rates since the last look.
   *
   * @param lag how late something was that it was given since the last look
   * @param lagP99 what 99 % of all were earlier than; null if that is not recorded
   * @param busy the share of the time, from 0 to 1
   * @param stuck what holds it right now; null if nothing does
   */
  record LoopLook(
      String id,
      String type,
      String engine,
      @Nullable String thread,
      long tasks,
      long failed,
      int ready,
      int timers,
      double lag,
      @Nullable Double lagP99,
      double busy,
      Rates perSecond,
      int open,
      int pausedWrites,
      long buffered,
      int executor,
      int executorWaiting,
      @Nullable Stuck stuck) {}

  record Rates(double callbacks, double created, double received, double sent) {
    static final Rates NONE = new Rates(0, 0, 0, 0);
  }

  record Stuck(String what, double time, List<String> stack) {}

  record CycleLook(boolean deadlock, List<StepLook> steps) {}

  record StepLook(String id, String name, String kind, String text) {}

  record SlowLook(String what, double duration, long time, List<String> stack) {}

  /** For how long code of one name has held the loop. */
  record CodeLook(String code, long count, double total, double max) {}

  /**
   * @param limit how much may be waiting to be sent before the program is asked to wait
   */
  record ConnectionLook(
      String loop,
      String name,
      String state,
      String protocol,
      long buffered,
      long limit,
      long received,
      long sent) {}

  /** What held a loop too long; reported again, with the same id, as long as it goes on. */
  record StallLook(
      long id,
      String loop,
      long time,
      double duration,
      boolean over,
      String what,
      @Nullable TaskLink task,
      List<String> notes,
      List<String> stack) {}

  /** A task as the panel beside the tree shows it. */
  record TaskLook(
      String id,
      String name,
      String coroutine,
      String loop,
      String state,
      List<String> notes,
      List<WaitLook> waits,
      List<TaskLink> awaitedBy,
      List<String> stack,
      List<String> createdAt,
      boolean readOnly) {}

  record WaitLook(String text, List<TaskLink> tasks) {}

  record TaskLink(String id, String name) {}
}
