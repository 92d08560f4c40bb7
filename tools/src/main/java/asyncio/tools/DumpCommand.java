package asyncio.tools;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dump}: everything that can be told, as JSON. */
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli fills in and reads the fields
@Command(
    name = "dump",
    description = {
      "Writes all loops, tasks, waits, deadlocks and metrics of a process as JSON.",
      "The members are described at asyncio.inspect.Snapshot.toJson and LoopMetrics.toJson."
    })
final class DumpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PID", description = "The id of the process.")
  private long pid;

  @Option(
      names = {"-c", "--compact"},
      description = "Write it in one line.")
  private boolean compact;

  @Mixin private Limits limits;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    JsonObject all;
    try (Inspection inspection = Inspection.open(pid)) {
      all = JsonParser.parseString(limits.snapshot(inspection)).getAsJsonObject();
      all.add("metrics", JsonParser.parseString(inspection.call("metrics")));
    }
    Gson gson =
        new GsonBuilder()
            .serializeNulls()
            .disableHtmlEscaping()
            .setFormattingStyle(compact ? FormattingStyle.COMPACT : FormattingStyle.PRETTY)
            .create();
    PrintWriter out = spec.commandLine().getOut();
    gson.toJson(all, out);
    out.println();
    return 0;
  }
}
