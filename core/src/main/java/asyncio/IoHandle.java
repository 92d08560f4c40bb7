package asyncio;

import asyncio.internal.loop.IoHost;

/** What the readiness of a transport's channel queues: one handle for its whole life. */
final class IoHandle extends Handle implements IoHost.IoCallback {
  private boolean queued;
  private boolean withdrawn;

  IoHandle(AbstractEventLoop loop, Object context, Runnable body) {
    super(loop, context, body);
  }

  @Override
  public void queue() {
    if (!queued) {
      queued = true;
      loop.enqueueIo(this);
    }
  }

  @Override
  public void withdraw() {
    withdrawn = queued;
  }

  @Override
  void run() {
    queued = false;
    if (withdrawn) {
      withdrawn = false;
    } else {
      super.run();
    }
  }
}
