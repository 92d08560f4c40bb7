package asyncio.tools;

import picocli.CommandLine.Option;

/** Whether to show what the tasks wait for. */
final class Waits {
  @Option(
      names = {"-w", "--waits"},
      description = "Show what each task waits for: locks and their holders, queues, sockets, …")
  private boolean shown;

  boolean shown() {
    return shown;
  }
}
