import asyncio.tools.repl.LoopExecutionProvider;
import jdk.jshell.spi.ExecutionControlProvider;
import org.jspecify.annotations.NullMarked;

/** The command line: looks into running programs from outside, and an interactive shell. */
@NullMarked
module asyncio.tools {
  requires asyncio;
  requires com.google.gson;
  requires info.picocli;
  requires java.logging;
  requires java.management;
  requires java.management.rmi;
  requires java.prefs;
  requires java.rmi;
  requires jdk.attach;
  requires jdk.jshell;
  requires static org.jspecify;

  // For the code of snippets.
  exports asyncio.tools.repl;

  opens asyncio.tools to
      com.google.gson,
      info.picocli;

  provides ExecutionControlProvider with
      LoopExecutionProvider;
}
