package asyncio;

/** A loop for all states of a test: it is never run, so a state costs no selector. */
final class SharedLoop {
  static final AbstractEventLoop IDLE = new SelectorEventLoop(Engine.PORTABLE);

  private SharedLoop() {}
}
