package asyncio.internal.process;

import asyncio.process.Redirect;

/** A child process that runs, and this side's ends of its pipes, which nobody uses yet. */
record Started(Command command, Process process, ChildPipes pipes) {

  boolean hasPipe(int fd) {
    return command.stream(fd) == Redirect.PIPE;
  }

  /** Nobody wants it: kills it and closes its pipes. The JDK collects it. */
  void discard() {
    process.toHandle().destroyForcibly();
    pipes.close();
  }
}
