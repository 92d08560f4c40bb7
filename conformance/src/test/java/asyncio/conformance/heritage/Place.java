package asyncio.conformance.heritage;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.LoopKind;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a generator can be used. */
enum Place {
  PLATFORM_THREAD {
    @Override
    void run(Action body) throws Exception {
      on(Thread.ofPlatform(), body);
    }
  },
  VIRTUAL_THREAD {
    @Override
    void run(Action body) throws Exception {
      on(Thread.ofVirtual(), body);
    }
  },
  TASK_OF_THE_DIRECT_ENGINE {
    @Override
    void run(Action body) {
      inTask(Engine.DIRECT, body);
    }
  },
  TASK_OF_THE_PORTABLE_ENGINE {
    @Override
    void run(Action body) {
      inTask(Engine.PORTABLE, body);
    }
  },
  CALLBACK_OF_THE_DIRECT_ENGINE {
    @Override
    void run(Action body) throws Exception {
      inCallback(Engine.DIRECT, body);
    }
  },
  CALLBACK_OF_THE_PORTABLE_ENGINE {
    @Override
    void run(Action body) throws Exception {
      inCallback(Engine.PORTABLE, body);
    }
  };

  /** A test that takes a place and runs once for each. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(name = "{0}")
  @EnumSource(Place.class)
  @interface Each {}

  /** Runs {@code body} there; throws what it throws, past the compiler. */
  abstract void run(Action body) throws Exception;

  private static void on(Thread.Builder kind, Action body) throws Exception {
    Throwable[] thrown = new Throwable[1];
    kind.start(() -> thrown[0] = failureOf(body)).join();
    rethrow(thrown[0]);
  }

  private static void inTask(Engine engine, Action body) {
    var loop = LoopKind.preferred().newLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        body.run();
        return null;
      });
    } finally {
      loop.close();
    }
  }

  private static void inCallback(Engine engine, Action body) throws Exception {
    Throwable[] thrown = new Throwable[1];
    var loop = LoopKind.preferred().newLoop(engine);
    loop.callSoon(() -> {
      thrown[0] = failureOf(body);
      Asyncio.getRunningLoop().stop();
    });
    loop.runForever();
    loop.close();
    rethrow(thrown[0]);
  }

  private static Throwable failureOf(Action body) {
    try {
      body.run();
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  private static void rethrow(Throwable thrown) throws Exception {
    switch (thrown) {
      case null -> {}
      case Exception e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(thrown);
    }
  }
}
