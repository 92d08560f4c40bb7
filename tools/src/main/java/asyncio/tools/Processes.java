package asyncio.tools;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Finds the processes of this machine that use the library. */
final class Processes {
  /** The package of what runs a single-file program. */
  private static final String SOURCE_LAUNCHER = "jdk.compiler/com.sun.tools.javac.launcher.";

  private static final int AT_ONCE = 4;

  private Processes() {}

  /** Writes a table of them, and on {@code err} how many could not be asked. */
  static void list(PrintWriter out, PrintWriter err) throws InterruptedException {
    TextTable table = new TextTable("pid", "jdk", "program");
    int refused = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<@Nullable List<String>>> answers = new ArrayList<>();
      for (Long pid : pids()) {
        answers.add(threads.submit(() -> describe(pid)));
      }
      for (Future<@Nullable List<String>> answer : answers) {
        try {
          List<String> row = answer.get();
          if (row != null) {
            table.add(row);
          }
        } catch (ExecutionException e) {
          refused++;
        }
      }
    }
    table.lines(false).forEach(out::println);
    if (refused > 0) {
      err.println("asyncio: %d other JVMs could not be asked".formatted(refused));
    }
  }

  /** Both those that make themselves known to tools and those that were told not to. */
  private static Set<Long> pids() {
    Set<Long> pids = new TreeSet<>(ProcessFacts.jvms());
    VirtualMachine.list().forEach(machine -> pids.add(Long.valueOf(machine.id())));
    pids.remove(ProcessHandle.current().pid());
    return pids;
  }

  private static @Nullable List<String> describe(long pid) throws UserError, IOException {
    try (Jvm jvm = Jvm.attach(pid)) {
      if (!jvm.usesLibrary()) {
        return null;
      }
      Properties properties = jvm.machine().getSystemProperties();
      return List.of(
          Long.toString(pid),
          properties.getProperty("java.version", ""),
          program(properties.getProperty("sun.java.command", "")));
    }
  }

  /** The program without its arguments, among which there may be secrets. */
  static String program(String command) {
    String[] words = command.split(" ", 3);
    return words[0].startsWith(SOURCE_LAUNCHER) && words.length > 1 ? words[1] : words[0];
  }
}
