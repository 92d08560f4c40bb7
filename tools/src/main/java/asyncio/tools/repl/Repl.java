package asyncio.tools.repl;

import asyncio.Asyncio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.prefs.Preferences;
import jdk.jshell.tool.JavaShellToolBuilder;

/** The interactive shell. */
public final class Repl {
  /** The documented header of a program; what it names goes before the names of the JDK. */
  private static final String START =
      """
      import module java.base;
      import asyncio.*;
      import asyncio.inspect.*;
      import asyncio.net.*;
      import asyncio.process.*;
      import asyncio.sync.*;
      import static asyncio.Asyncio.*;
      """;

  /** Where JShell keeps the history and settings of this shell, apart from those of `jshell`. */
  private static final String HISTORY = "asyncio/repl";

  /** Kept, since loggers are collected and would then forget their level. */
  private static final Logger PREFERENCES_LOG = Logger.getLogger("java.util.prefs");

  private Repl() {}

  /**
   * Runs a session on the standard streams.
   *
   * @param arguments further arguments for JShell: options, and files with snippets
   * @return the exit status
   */
  public static int run(List<String> arguments) throws Exception {
    PREFERENCES_LOG.setLevel(Level.SEVERE); // it tells the user where it made its first folder
    try (SnippetLibrary library = SnippetLibrary.of(Asyncio.class.getModule())) {
      Path start = Files.writeString(library.folder().resolve("start.jsh"), START);
      List<String> all =
          new ArrayList<>(
              List.of(
                  "--execution",
                  LoopExecutionProvider.NAME,
                  "--startup",
                  start.toString(),
                  "--module-path",
                  library.folder().toString(),
                  "--add-modules",
                  Asyncio.class.getModule().getName()));
      all.addAll(arguments);
      return JavaShellToolBuilder.builder()
          .persistence(Preferences.userRoot().node(HISTORY))
          .start(all.toArray(String[]::new));
    }
  }
}
