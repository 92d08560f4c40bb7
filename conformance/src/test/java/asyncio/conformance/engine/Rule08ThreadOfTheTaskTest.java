package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The thread of a task is made in createTask and belongs to the task. */
class Rule08ThreadOfTheTaskTest {
  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();
  private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();
  private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();

  private final List<String> trail = new ArrayList<>();

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void itInheritsFromWhoeverCreatesTheTaskAtThatMoment(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          INHERITED.set("at creation");
          Task<?> child = createTask(() -> trail.add(INHERITED.get()));
          INHERITED.set("later");
          await(child);
          trail.add(INHERITED.get());
        });

    assertThat(trail).containsExactly("at creation", "later");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aCallbackHandsOnWhatItsThreadHas(Engine engine) throws Exception {
    Loops.onPlatformThread(() -> {
      INHERITED.set("of the loop's thread");
      ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
      loop.runUntilComplete(() -> {
        INHERITED.set("of the task");
        loop.callSoon(() -> createTask(() -> trail.add(INHERITED.get())));
        sleep(millis(0));
        sleep(millis(0));
      });
      loop.close();
    });

    assertThat(trail).containsExactly("of the loop's thread");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void itInheritsTheContextClassLoader(Engine engine) throws Exception {
    try (URLClassLoader loader = new URLClassLoader("mine", new URL[0], null)) {
      Loops.run(
          engine,
          () -> {
            Thread.currentThread().setContextClassLoader(loader);
            Task<?> child =
                createTask(
                    () -> trail.add(Thread.currentThread().getContextClassLoader().getName()));
            Thread.currentThread().setContextClassLoader(null);
            await(child);
          });
    }

    assertThat(trail).containsExactly("mine");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void threadLocalsBelongToTheTask(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          List<Task<?>> tasks = new ArrayList<>();
          for (String name : List.of("a", "b")) {
            tasks.add(
                createTask(() -> {
                  trail.add("starts with " + LOCAL.get());
                  LOCAL.set(name);
                  sleep(millis(0));
                  trail.add("has " + LOCAL.get());
                }));
          }
          for (Task<?> task : tasks) {
            await(task);
          }
          trail.add("main has " + LOCAL.get());
        });

    assertThat(trail)
        .containsExactly("starts with null", "starts with null", "has a", "has b", "main has null");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void scopedValuesAreNotInheritedButContextVariablesAre(Engine engine) throws Exception {
    ContextVar<String> variable = new ContextVar<>("variable");
    Loops.run(
        engine,
        () -> {
          variable.set("set");
          Task<?>[] child = {null};
          ScopedValue.where(SCOPED, "bound")
              .run(() -> {
                child[0] =
                    createTask(
                        () -> trail.add("child: " + SCOPED.isBound() + ", " + variable.get()));
                trail.add("parent: " + SCOPED.isBound());
                sleep(millis(0)); // a binding survives the suspensions of its own task
                trail.add("parent: " + SCOPED.get());
              });
          await(child[0]);
        });

    assertThat(trail).containsExactly("parent: true", "child: false, set", "parent: bound");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void itIsAVirtualThreadNamedLikeTheTask(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          Task<?> named =
              createTask(
                  () ->
                      trail.add(
                          Thread.currentThread().isVirtual()
                              + " "
                              + Thread.currentThread().getName()),
                  TaskOptions.named("worker"));
          await(named);
        });

    assertThat(trail).containsExactly("true worker");
  }
}
