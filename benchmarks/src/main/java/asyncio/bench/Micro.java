package asyncio.bench;

import asyncio.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * This library's part of the micro benchmarks: what one switch, spawn, callback or timer costs.
 *
 * <p>Prints one line {@code name value unit} each; the value is the median of several runs after
 * warm-up. The {@code limit_} lines measure bare JDK mechanisms in the same process and, run by
 * run, in turn with what they limit.
 *
 * <p>Arguments: names of benchmarks (default all), {@code --engine direct|portable}, {@code --runs
 * N}, {@code --scale N} (divides the sizes).
 */
public final class Micro {
  private static final int DEFAULT_RUNS = 7;

  private final Engine engine;
  private final int runs;

  /** Divides the sizes of the benchmarks, for a quick look. */
  private final int scale;

  private Micro(Engine engine, int runs, int scale) {
    this.engine = engine;
    this.runs = runs;
    this.scale = scale;
  }

  public static void main(String[] args) throws Exception {
    List<String> names = new ArrayList<>();
    Engine engine = Engine.preferred();
    int runs = DEFAULT_RUNS;
    int scale = 1;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--engine" -> engine = Engine.valueOf(args[++i].toUpperCase(Locale.ROOT));
        case "--runs" -> runs = Integer.parseInt(args[++i]);
        case "--scale" -> scale = Integer.parseInt(args[++i]);
        default -> names.add(args[i]);
      }
    }
    System.out.println(
        "# engine " + engine + ", JDK " + Runtime.version() + ", medians of " + runs + " runs");
    new Micro(engine, runs, scale).run(names);
  }

  private void run(List<String> names) throws Exception {
    List<Benchmark> all = new ArrayList<>();
    all.addAll(TaskBenchmarks.all(scale));
    all.addAll(CallbackBenchmarks.all(scale));
    all.addAll(TimerBenchmarks.all(scale));
    all.addAll(SleepBenchmarks.all(scale));
    for (String name : names) {
      if (all.stream().noneMatch(each -> each.name().equals(name))) {
        System.err.println(
            "no benchmark '"
                + name
                + "'; there are: "
                + all.stream().map(Benchmark::name).toList());
        System.exit(2);
      }
    }
    for (Benchmark each : all) {
      if (names.isEmpty() || names.contains(each.name())) {
        measure(each);
      }
    }
  }

  private void measure(Benchmark benchmark) throws Exception {
    double[] own = new double[runs];
    double[] limit = new double[runs];
    for (int warmUp = 0; warmUp < benchmark.warmUps(); warmUp++) {
      benchmark.body().measure(engine);
      if (benchmark.limit() != null) {
        benchmark.limit().body().measure(engine);
      }
    }
    for (int run = 0; run < runs; run++) {
      own[run] = benchmark.body().measure(engine);
      if (benchmark.limit() != null) {
        limit[run] = benchmark.limit().body().measure(engine);
      }
    }
    print(benchmark, median(own));
    if (benchmark.limit() != null) {
      print(benchmark.limit(), median(limit));
      double[] ratios = new double[runs];
      Arrays.setAll(ratios, i -> own[i] / limit[i]);
      System.out.printf(
          Locale.ROOT,
          "# %s / %s = %.2f%n",
          benchmark.name(),
          benchmark.limit().name(),
          median(ratios));
    }
  }

  private static void print(Benchmark benchmark, double value) {
    System.out.printf(Locale.ROOT, "%s %.1f %s%n", benchmark.name(), value, benchmark.unit());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
