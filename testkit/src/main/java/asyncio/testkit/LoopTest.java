package asyncio.testkit;

import asyncio.Engine;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs as a task of a fresh event loop, once on each engine, and fails if it leaves
 * something behind.
 *
 * <p>The loop is a {@link VirtualTimeLoop}. The method may take it as a parameter, as {@link
 * VirtualTimeLoop} or {@link asyncio.EventLoop}, a {@link LoopProbe}, and the loop's {@link
 * MemoryNetwork}; other parameters are left to other resolvers. So may {@code @BeforeEach} and
 * {@code @AfterEach} methods, which run outside the loop, in JUnit's thread; a task that they need
 * runs with {@code loop.runUntilComplete}.
 *
 * <p>After {@code @AfterEach} the test fails, naming where each was created, if there are
 *
 * <ul>
 *   <li>unfinished tasks,
 *   <li>exceptions of futures and tasks that nobody retrieved,
 *   <li>reports to the loop's exception handler, unless the test {@linkplain LoopProbe#expectErrors
 *       expected} them or set a handler of its own,
 *   <li>timers that are still scheduled,
 *   <li>resources that were not closed, and channels of the loop's network,
 *   <li>threads that were started meanwhile and have not ended: of a loop, of its executor, and
 *       others that are no daemons.
 * </ul>
 *
 * <p>On a class it gives the options of those test methods whose own annotation gives none. Like
 * all annotations of JUnit it can be used on other annotations.
 *
 * @see DirectOnly
 * @see DebugMode
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@TestTemplate
@ExtendWith(LoopExtension.class)
public @interface LoopTest {

  /** The time limit of tests that give none, in seconds. */
  double DEFAULT_TIMEOUT = 10;

  /**
   * The engines to run on; all of them if empty. On one that is not available the test is skipped.
   */
  Engine[] engines() default {};

  /**
   * In how many other orders to run the test, besides the natural one; see {@link
   * VirtualTimeLoop#setOrderSeed} for what can come in another order. The seeds are 1, 2, and so
   * on. A failure names its seed; with {@code -Dasyncio.testkit.seed=…} the tests that have seeds
   * run with that one alone, which gives the same order again.
   */
  int seeds() default 0;

  /**
   * Whether to run in real time and with real I/O, on a loop of the {@linkplain
   * asyncio.LoopKind#preferred preferred} kind.
   */
  boolean realTime() default false;

  /** After so many seconds of real time the test is ended and fails, showing who waits for what. */
  double timeout() default DEFAULT_TIMEOUT;
}
