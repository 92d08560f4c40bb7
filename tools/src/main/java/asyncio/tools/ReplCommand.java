package asyncio.tools;

import asyncio.tools.repl.Repl;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code repl}: the interactive shell. */
@Command(
    name = "repl",
    description = {
      "Starts JShell with the library imported and a loop running: await(…), sleep(…) and all",
      "that suspends work at the prompt. Ctrl-C cancels the input that runs, Ctrl-D ends."
    })
final class ReplCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "ARGUMENT",
      description = "Options and files for JShell; `./asyncio repl --help` lists them.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws Exception {
    return Repl.run(arguments);
  }
}
