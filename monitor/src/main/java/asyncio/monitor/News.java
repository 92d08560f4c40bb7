package asyncio.monitor;

import asyncio.monitor.Look.CodeLook;
import asyncio.monitor.Look.ConnectionLook;
import asyncio.monitor.Look.CycleLook;
import asyncio.monitor.Look.LoopLook;
import asyncio.monitor.Look.ProcessLook;
import asyncio.monitor.Look.SlowLook;
import asyncio.monitor.Look.StallLook;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last minutes of the loops, and the last look: what a page is told when it comes, and what is
 * new for it from then on.
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class News {
  static final Gson GSON = new GsonBuilder().serializeNulls().create();

  /** How many points a chart has; with one a second, ten minutes. */
  static final int HISTORY = 600;

  private static final int MOST_STALLS = 100;

  /** A point of the charts. */
  private record Point(long number, long time, double lag, double busy, long tasks, int ready) {
    double[] toArray() {
      return new double[] {time, rounded(lag), rounded(busy), tasks, ready};
    }

    private static double rounded(double value) {
      return Math.round(value * 1000) / 1000.0;
    }
  }

  /** When a stall was last reported. */
  private record Numbered(long number, StallLook stall) {}

  private final String run;
  private final Map<String, ArrayDeque<Point>> points = new HashMap<>();
  private final Map<Long, Numbered> stalls = new HashMap<>();
  private long number;
  private Look latest;

  /**
   * Starts with a look.
   *
   * @param run tells this run of the program from others that had the same port
   */
  News(String run, Look first) {
    this.run = run;
    this.latest = first;
  }

  Look latest() {
    return latest;
  }

  /**
   * Adds a look.
   *
   * @param time now, in milliseconds since 1970
   * @return its number
   */
  long add(Look look, long time) {
    number++;
    latest = look;
    Set<String> alive = new HashSet<>();
    for (LoopLook loop : look.loops()) {
      alive.add(loop.id());
      ArrayDeque<Point> history = points.computeIfAbsent(loop.id(), _ -> new ArrayDeque<>());
      if (history.size() == HISTORY) {
        history.remove();
      }
      history.add(new Point(number, time, loop.lag(), loop.busy(), loop.tasks(), loop.ready()));
    }
    points.keySet().retainAll(alive);
    for (StallLook stall : look.stalls()) {
      Numbered before = stalls.get(stall.id());
      if (before == null || !before.stall.equals(stall)) {
        stalls.put(stall.id(), new Numbered(number, stall));
      }
    }
    while (stalls.size() > MOST_STALLS) {
      stalls.remove(stalls.keySet().stream().min(Comparator.naturalOrder()).orElseThrow());
    }
    return number;
  }

  /** As the page gets it. */
  private record Message(
      String run,
      long number,
      boolean first,
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
      Map<String, List<double[]>> points,
      List<StallLook> stalls) {}

  /** The last look, with the points and stalls that came after the look of this number. */
  String newerThan(long seen) {
    Map<String, List<double[]>> newPoints = new HashMap<>();
    points.forEach((loop, history) -> {
      List<double[]> some = new ArrayList<>();
      for (Point point : history) {
        if (point.number > seen) {
          some.add(point.toArray());
        }
      }
      newPoints.put(loop, some);
    });
    List<StallLook> newStalls =
        stalls.values().stream()
            .filter(stall -> stall.number > seen)
            .map(Numbered::stall)
            .sorted(Comparator.comparingLong(StallLook::id))
            .toList();
    return GSON.toJson(
        new Message(
            run,
            number,
            seen == 0,
            latest.process(),
            latest.uptime(),
            latest.loops(),
            latest.tasks(),
            latest.states(),
            latest.cycles(),
            latest.slow(),
            latest.codes(),
            latest.connections(),
            latest.connectionCount(),
            newPoints,
            newStalls));
  }
}
