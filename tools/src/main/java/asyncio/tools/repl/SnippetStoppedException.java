package asyncio.tools.repl;

/** The snippet was cancelled by Ctrl-C. */
final class SnippetStoppedException extends Exception {
  private static final long serialVersionUID = 1;
}
