package asyncio;

import org.jspecify.annotations.Nullable;

/** The policy in force. */
final class Policies {
  private static volatile @Nullable EventLoopPolicy inForce;

  private Policies() {}

  static EventLoopPolicy get() {
    EventLoopPolicy policy = inForce;
    if (policy == null) {
      synchronized (Policies.class) {
        policy = inForce;
        if (policy == null) {
          policy = new DefaultPolicy();
          inForce = policy;
        }
      }
    }
    return policy;
  }

  static synchronized void set(@Nullable EventLoopPolicy policy) {
    inForce = policy;
  }

  /** One current loop per thread. */
  private static final class DefaultPolicy implements EventLoopPolicy {
    @SuppressWarnings("ThreadLocalUsage") // each policy has loops of its own
    private final ThreadLocal<@Nullable EventLoop> current = new ThreadLocal<>();

    @Override
    public EventLoop getEventLoop() {
      EventLoop loop = current.get();
      if (loop == null) {
        throw new IllegalStateException(
            "There is no current event loop in thread "
                + Thread.currentThread()
                + " (no current event loop was set); call this inside run(() -> …), or setEventLoop first");
      }
      return loop;
    }

    @Override
    public void setEventLoop(@Nullable EventLoop loop) {
      if (loop == null) {
        current.remove();
      } else {
        current.set(loop);
      }
    }

    @Override
    public EventLoop newEventLoop() {
      return LoopKind.preferred().newLoop(Engine.preferred());
    }
  }
}
