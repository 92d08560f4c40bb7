package asyncio.tools;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line: looks into running programs from outside.
 *
 * <p>Exit status: 0; 1 if a process cannot be looked into, with a message on standard error; 2 for
 * a wrong command line, with the usage.
 */
@SuppressWarnings("NullAway.Init") // picocli fills in the field
@Command(
    name = "asyncio",
    description = "Looks into running programs that use asyncio, from outside.",
    subcommands = {
      PsCommand.class,
      PstreeCommand.class,
      TopCommand.class,
      DumpCommand.class,
      CancelCommand.class,
      ReplCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  /** Kept, since loggers are collected and would then forget their level. */
  private static final Logger CONNECTION_LOG = Logger.getLogger("javax.management.remote");

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs one command and ends the JVM with its status. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    CONNECTION_LOG.setLevel(Level.OFF); // a process may end while it is looked into
    PrintWriter out = Console.writer(System.out);
    PrintWriter err = Console.writer(System.err);
    CommandLine commands =
        new CommandLine(new Main())
            .setOut(out)
            .setErr(err)
            .setExecutionExceptionHandler(Main::report);
    Objects.requireNonNull(commands.getSubcommands().get("repl"))
        .setUnmatchedOptionsArePositionalParams(true) // they are JShell's
        .setStopAtPositional(true);
    return commands.execute(arguments);
  }

  private static int report(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) throws Exception {
    if (failure instanceof UserError || failure instanceof UncheckedIOException) {
      command.getErr().println("asyncio: " + failure.getMessage());
      return 1;
    }
    throw failure;
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "missing command");
  }
}
