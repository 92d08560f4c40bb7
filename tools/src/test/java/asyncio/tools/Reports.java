package asyncio.tools;

import asyncio.tools.Report.CyclePart;
import asyncio.tools.Report.Frame;
import asyncio.tools.Report.LoopPart;
import asyncio.tools.Report.ProcessPart;
import asyncio.tools.Report.Ref;
import asyncio.tools.Report.StepPart;
import asyncio.tools.Report.TaskPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds reports by hand. */
final class Reports {
  private final List<TaskPart> tasks = new ArrayList<>();
  private final List<CyclePart> cycles = new ArrayList<>();

  /**
   * Adds a task.
   *
   * @param methods where it is, innermost first; each in a line of its own of Main.java
   * @param awaiters ids
   */
  Reports task(String id, String name, List<String> methods, String... awaiters) {
    List<Frame> frames =
        methods.stream()
            .map(method -> new Frame("app.Main", method, "Main.java", method.length()))
            .toList();
    List<Ref> refs =
        List.of(awaiters).stream().map(each -> new Ref(each, "name of " + each)).toList();
    tasks.add(new TaskPart(id, name, "0x1", "waiting", "app.Main", frames, List.of(), refs));
    return this;
  }

  Reports cycle(String kind, String text, String... names) {
    List<StepPart> steps =
        List.of(names).stream().map(name -> new StepPart("0x0", name, kind, text)).toList();
    List<String> around = new ArrayList<>(List.of(names));
    around.add(names[0]);
    cycles.add(new CyclePart(true, around, steps));
    return this;
  }

  Report build() {
    return new Report(
        new ProcessPart(1, "app.Main", "25", "0.1"),
        Map.of("tasks", tasks.size()),
        List.of(new LoopPart("0x1", "direct", "main", 26, true, tasks.size())),
        tasks,
        List.of(),
        cycles);
  }
}
