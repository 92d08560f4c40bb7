package asyncio.internal.vthread;

import org.jspecify.annotations.Nullable;

/**
 * The fast engine: virtual threads scheduled by the loop itself, on the loop's thread.
 *
 * <p>Needs the JDK internals of {@link JdkInternals}. Blocking JDK calls in such a thread suspend
 * it and leave the loop running.
 */
public final class DirectEngine implements CoroutineEngine {

  private static final @Nullable String UNAVAILABLE_BECAUSE = selfTest();

  /** Tasks run on the loop's stack: deep recursion gets room. Only what is used takes memory. */
  private static final long LOOP_STACK_BYTES = 16L << 20;

  private static final DirectEngine INSTANCE = new DirectEngine();

  private DirectEngine() {}

  /** Why this engine cannot be used in this JVM, or null if it can. */
  public static @Nullable String unavailableBecause() {
    return UNAVAILABLE_BECAUSE;
  }

  /**
   * The engine.
   *
   * @throws IllegalStateException if it cannot be used in this JVM
   */
  public static DirectEngine instance() {
    if (UNAVAILABLE_BECAUSE != null) {
      throw new IllegalStateException(
          "the direct engine is not available ("
              + UNAVAILABLE_BECAUSE
              + "); start the JVM with --add-opens java.base/java.lang=asyncio (class path: =ALL-UNNAMED), or use the"
              + " portable engine");
    }
    return INSTANCE;
  }

  @Override
  public Fiber newFiber(Fiber.Body body, @Nullable String threadName) {
    return new DirectFiber(body, threadName);
  }

  @Override
  public Thread newLoopThread(String name, Runnable main) {
    return Thread.ofPlatform().name(name).stackSize(LOOP_STACK_BYTES).unstarted(main);
  }

  /** A virtual thread cannot be mounted on another virtual thread. */
  @Override
  public boolean canRunLoopOn(Thread thread) {
    return !thread.isVirtual();
  }

  @Override
  public void beginRun() {
    LoopThreads.add();
  }

  @Override
  public void endRun() {
    LoopThreads.remove();
  }

  @Override
  public void beforePoll() {
    LoopThreads.prepare();
  }

  /**
   * Creates, runs, suspends and resumes one coroutine; says what differs from what the engine
   * relies on.
   */
  private static @Nullable String selfTest() {
    String reason = JdkInternals.unavailableBecause();
    if (reason != null) {
      return reason;
    }
    try {
      return SelfTest.run();
    } catch (Throwable t) {
      return "self-test failed: " + t;
    }
  }

  private static final class SelfTest implements Fiber.Body {
    private static final long LIMIT_MILLIS = 5_000;

    private final StringBuilder trail = new StringBuilder();
    private @Nullable DirectFiber fiber;

    static @Nullable String run() {
      SelfTest test = new SelfTest();
      // On a platform thread of its own: the class may be initialised by a virtual thread, which
      // cannot mount another.
      Thread thread = Thread.ofPlatform().daemon().name("asyncio-self-test").unstarted(test::drive);
      thread.start();
      joinUninterruptibly(thread); // whoever comes here first says nothing about the JVM
      String trail = test.trail.toString();
      return trail.equals("a1b2c") ? null : "self-test went wrong: " + trail;
    }

    private static void joinUninterruptibly(Thread thread) {
      boolean interrupted = Thread.interrupted();
      for (; ; ) {
        try {
          thread.join(LIMIT_MILLIS);
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void drive() {
      DirectFiber made = new DirectFiber(this, null);
      fiber = made;
      trail.append('a');
      made.resume();
      trail.append('b');
      made.resume();
      trail.append('c');
    }

    @Override
    @SuppressWarnings("NullAway") // drive() sets the field before this runs
    public void runBody() {
      trail.append('1');
      if (Fiber.current() != fiber) {
        trail.append('?');
      }
      fiber.suspend();
      trail.append('2');
    }

    @Override
    public void unblocked() {
      trail.append('u');
    }

    @Override
    public void interruptedWhileSuspended() {
      trail.append('i');
    }
  }
}
