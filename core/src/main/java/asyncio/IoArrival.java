package asyncio;

/** What another thread tells a transport; somebody hears of it even if the loop is closed. */
final class IoArrival extends Handle {
  private final Runnable ifClosed;

  IoArrival(AbstractEventLoop loop, Runnable body, Runnable ifClosed) {
    super(loop, null, body);
    this.ifClosed = ifClosed;
  }

  @Override
  void orphan() {
    ifClosed.run();
  }
}
