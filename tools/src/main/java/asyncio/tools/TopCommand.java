package asyncio.tools;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code top}: the loops and tasks of a process, live. */
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli fills in and reads the fields
@Command(
    name = "top",
    description = {
      "Shows the loops and tasks of a process, again and again; q or Ctrl-C ends.",
      "Not in a terminal: shows them once."
    })
final class TopCommand implements Callable<Integer> {
  /** Of how many kinds of tasks the stack is read. */
  private static final int STACKS = 100;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PID", description = "The id of the process.")
  private long pid;

  @Option(
      names = {"-d", "--delay"},
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "The time between two pictures (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    if (!(seconds >= 0.1 && seconds <= 20)) {
      throw new ParameterException(
          spec.commandLine(), "--delay must be from 0.1 to 20 seconds, got " + seconds);
    }
    PrintWriter out = spec.commandLine().getOut();
    CountDownLatch end = new CountDownLatch(1);
    try (Inspection inspection = Inspection.open(pid)) {
      if (Terminal.isThere()) {
        watchKeys(end);
        live(inspection, out, end);
      } else {
        Map<String, LoopNumbers> before = numbers(inspection);
        pause(end);
        TopScreen.lines(report(inspection), numbers(inspection), before).forEach(out::println);
      }
    }
    return 0;
  }

  private void live(Inspection inspection, PrintWriter out, CountDownLatch end)
      throws UserError, InterruptedException {
    try (Terminal terminal = Terminal.take(out)) {
      Map<String, LoopNumbers> before = numbers(inspection);
      do {
        Map<String, LoopNumbers> now = numbers(inspection);
        terminal.show(TopScreen.lines(report(inspection), now, before));
        before = now;
      } while (!pause(end));
    }
  }

  /** Whether the end came meanwhile. */
  private boolean pause(CountDownLatch end) throws InterruptedException {
    return end.await((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
  }

  private static Report report(Inspection inspection) throws UserError {
    return Report.parse(inspection.call("snapshot", 0, STACKS));
  }

  private static Map<String, LoopNumbers> numbers(Inspection inspection) throws UserError {
    return LoopNumbers.parse(inspection.call("metrics"));
  }

  private static void watchKeys(CountDownLatch end) {
    Thread keys =
        new Thread(
            () -> {
              try {
                int key;
                do {
                  key = System.in.read();
                } while (key != 'q' && key != 'Q' && key != -1);
              } catch (IOException e) {
                // as the end of the input
              }
              end.countDown();
            },
            "asyncio-keys");
    keys.setDaemon(true);
    keys.start();
  }
}
