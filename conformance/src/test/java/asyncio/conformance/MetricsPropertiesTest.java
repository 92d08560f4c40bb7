package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.EventLoop;
import java.util.List;

/** What system properties have each loop show of itself, and what is not even loaded without. */
class MetricsPropertiesTest {

  /** Says what its loop shows. */
  static final class Program {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        EventLoop loop = Asyncio.getRunningLoop();
        System.out.println("timings " + (loop.metrics().timings() != null));
        if (args.length > 0) {
          System.out.println(
              java.lang.management.ManagementFactory.getPlatformMBeanServer()
                  .queryNames(new javax.management.ObjectName("asyncio:*"), null));
        }
      });
    }
  }

  private static List<String> run(Engine engine, List<String> options, String... arguments)
      throws Exception {
    try (ForkedProgram program = ForkedProgram.start(engine, options, Program.class, arguments)) {
      assertThat(program.exitCode()).as("%s", program.lines).isZero();
      return program.lines;
    }
  }

  @EachEngine
  void theyTurnTimingsAndJmxOn(Engine engine) throws Exception {
    assertThat(run(engine, List.of("-Dasyncio.timings=true", "-Dasyncio.jmx"), "beans"))
        .contains("timings true", "[asyncio:type=EventLoop,id=0x1]");
  }

  @EachEngine
  void withoutThemNothingOfManagementOrEventsIsLoaded(Engine engine) throws Exception {
    List<String> lines = run(engine, List.of("-Xlog:class+load=info"));

    assertThat(lines).contains("timings false");
    assertThat(lines)
        .noneMatch(each ->
            each.contains(" javax.management.")
                || each.contains(" asyncio.internal.jmx.")
                || each.contains(" jdk.jfr.Recording")
                || each.contains(" asyncio.internal.jfr.Task"));
    assertThat(lines).anyMatch(each -> each.contains(" " + EventLoop.class.getName() + " "));
  }
}
