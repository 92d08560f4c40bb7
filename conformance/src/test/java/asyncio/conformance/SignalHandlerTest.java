package asyncio.conformance;

import static asyncio.conformance.Loops.onOtherThread;
import static asyncio.conformance.Loops.runOnce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Handle;
import asyncio.Instrument;
import asyncio.LoopKind;
import asyncio.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * SIG: callbacks of signals. The process sends the signals to itself; a handler of the program lies
 * below the loops', so that none of them ends the JVM.
 */
@Timeout(30)
@DisabledOnOs(OS.WINDOWS)
class SignalHandlerTest {
  private final List<String> trail = new ArrayList<>();

  /** The signals that reached the program's own handler. */
  private final BlockingQueue<String> below = new LinkedBlockingQueue<>();

  private JdkSignals.Restore before;

  @BeforeEach
  void setHandlerOfTheProgram() throws Exception {
    before = JdkSignals.handle(Signal.USR1, () -> below.add("program"));
  }

  @AfterEach
  void restore() throws Exception {
    before.close();
  }

  /** A loop that tells when something has arrived from another thread. */
  private static final class WatchedLoop extends ChannelEventLoop {
    private final Semaphore arrived = new Semaphore(0);

    WatchedLoop(Engine engine) {
      super(engine, LoopKind.preferred());
    }

    @Override
    protected void wakeUp() {
      super.wakeUp();
      arrived.release();
    }

    /** Sends a signal and waits until it is on its way to the loop's thread. */
    void raise(Signal signal) {
      JdkSignals.raise(signal);
      try {
        assertThat(arrived.tryAcquire(20, TimeUnit.SECONDS)).as("the signal arrives").isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void assertProgramGetsIt() throws InterruptedException {
    JdkSignals.raise(Signal.USR1);
    assertThat(below.poll(20, TimeUnit.SECONDS)).isEqualTo("program");
  }

  @EachEngine
  @Spec({"SIG-1", "SIG-2"})
  void aSignalWakesTheWaitingLoopAndItsCallbackMayStopIt(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          Thread[] thread = new Thread[2];
          try (var background = new Loops.Background(loop)) {
            loop.callSoonThreadsafe(() -> {
              thread[0] = Thread.currentThread();
              loop.addSignalHandler(
                  Signal.USR1,
                  () -> {
                    thread[1] = Thread.currentThread();
                    loop.callSoon(() -> trail.add("scheduled by it"));
                    loop.callSoon(loop::stop);
                    trail.add("callback");
                  });
              loop.callSoon(() -> below.add("ready"));
            });
            assertThat(below.take()).isEqualTo("ready");
            while (!background.isInNativePoll()) {
              Thread.onSpinWait();
            }
            JdkSignals.raise(Signal.USR1);
            background.join();
          }
          assertThat(trail).containsExactly("callback", "scheduled by it");
          assertThat(thread[1]).isSameAs(thread[0]);
        });
  }

  @EachEngine
  @Spec("SIG-1")
  void itIsAnOrdinaryCallbackInTheContextOfItsRegistration(Engine engine) throws Exception {
    var name = new ContextVar<String>("name");
    var loop = new WatchedLoop(engine);
    try {
      loop.callSoon(() -> {
        name.set("registered");
        loop.addSignalHandler(
            Signal.USR1,
            () -> {
              trail.add(name.get());
              name.set("second");
            });
        loop.raise(Signal.USR1);
        loop.callSoon(() -> trail.add("queued before the delivery"));
      });
      runOnce(loop);
      runOnce(loop);
      assertThat(trail).containsExactly("queued before the delivery");
      runOnce(loop);
      loop.raise(Signal.USR1);
      runOnce(loop);
      runOnce(loop);
      assertThat(trail).containsExactly("queued before the delivery", "registered", "second");
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("SIG-3")
  void aSecondCallbackReplacesTheFirst(Engine engine) throws Exception {
    var loop = new WatchedLoop(engine);
    try {
      loop.addSignalHandler(Signal.USR1, () -> trail.add("first"));
      loop.raise(Signal.USR1); // also for what is on its way
      loop.addSignalHandler(Signal.USR1, () -> trail.add("second"));
      runOnce(loop);
      runOnce(loop);
      assertThat(trail).containsExactly("second");

      assertThat(loop.removeSignalHandler(Signal.USR1)).isTrue();
      assertProgramGetsIt();
      assertThat(loop.removeSignalHandler(Signal.USR1)).isFalse();
    } finally {
      loop.close();
    }
  }

  @Test
  @Spec("SIG-4")
  void theCompilerRefusesACoroutine() {
    Snippet.rejects(
        "EventLoop loop = null; Coroutine<String> c = () -> \"x\"; loop.addSignalHandler(Signal.TERM, c);");
    Snippet.rejects(
        "EventLoop loop = null; Action a = () -> {}; loop.addSignalHandler(Signal.TERM, a);");
    Snippet.accepts("EventLoop loop = null; loop.addSignalHandler(Signal.TERM, () -> {});");
  }

  @Test
  @Spec("SIG-5")
  void whatIsNoSignalIsRefused() {
    Snippet.rejects("EventLoop loop = null; loop.addSignalHandler(\"SIGTERM\", () -> {});");
    Snippet.rejects("EventLoop loop = null; loop.addSignalHandler(15, () -> {});");
    for (int number : new int[] {-1, 0, 40, 1000}) {
      assertThatThrownBy(() -> Signal.of(number))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(number));
    }
    for (String name : List.of("", "SIG", "NOPE", "SIGSIGTERM")) {
      assertThatThrownBy(() -> Signal.of(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + name + "\"");
    }
    assertThat(Signal.of("TERM")).isSameAs(Signal.of("sigterm")).isSameAs(Signal.of(15));
    assertThat(Signal.TERM).hasToString("SIGTERM");
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "KILL", "STOP", "CHLD", "QUIT", "ILL", "TRAP", "BUS", "FPE", "SEGV", "USR2", "PIPE", "PROF",
        "IO", "XFSZ"
      })
  @Spec({"SIG-5", "SIG-12"})
  void aSignalThatCannotBeCaughtIsRefused(Signal signal) throws Exception {
    Loops.with(
        Engine.PORTABLE,
        loop -> {
          Loops.assertRefused(
              signal + " cannot be caught", () -> loop.addSignalHandler(signal, () -> {}));
          assertThat(loop.removeSignalHandler(signal)).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "KILL", "STOP", "CHLD", "QUIT", "ILL", "TRAP", "BUS", "FPE", "SEGV", "USR2", "PIPE", "PROF",
        "IO", "XFSZ"
      })
  void everyOtherSignalCanBeTakenAndHasTheJdksNumber(Signal signal) throws Exception {
    assertThat(signal.number()).isEqualTo(JdkSignals.number(signal));
    Loops.with(
        Engine.PORTABLE,
        loop -> {
          loop.addSignalHandler(signal, () -> {});
          assertThat(loop.removeSignalHandler(signal)).isTrue();
        });
  }

  @EachEngine
  @Spec("SIG-6")
  void anyThreadThatRunsTheLoopMaySetAHandlerAndNoOther(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          loop.callSoon(() -> {
            try {
              onOtherThread(() -> {
                Loops.assertRefused(
                    "Non-thread-safe operation",
                    () -> loop.addSignalHandler(Signal.USR1, () -> {}));
                Loops.assertRefused(
                    "Non-thread-safe operation", () -> loop.removeSignalHandler(Signal.USR1));
              });
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
          runOnce(loop);
          onOtherThread(() -> { // no main thread, but it runs the loop
            loop.callSoon(() -> loop.addSignalHandler(Signal.USR1, loop::stop));
            loop.callSoon(() -> JdkSignals.raise(Signal.USR1));
            loop.runForever();
          });
        });
    assertProgramGetsIt();
  }

  @EachEngine
  @Spec("SIG-7")
  void removingRestoresWhatWasThere(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          assertThat(loop.removeSignalHandler(Signal.USR1)).isFalse();
          loop.addSignalHandler(Signal.USR1, loop::stop);
          JdkSignals.raise(Signal.USR1);
          loop.runForever();
          assertThat(below).isEmpty();

          assertThat(loop.removeSignalHandler(Signal.USR1)).isTrue();
          assertProgramGetsIt();
        });
  }

  @EachEngine
  @Spec("SIG-8")
  void aDeliveryThatFindsNoHandlerIsIgnored(Engine engine) throws Exception {
    var loop = new WatchedLoop(engine);
    List<ErrorContext> reports = Loops.collectReports(loop);
    try {
      loop.addSignalHandler(Signal.USR1, () -> trail.add("called"));
      loop.raise(Signal.USR1);
      loop.removeSignalHandler(Signal.USR1);
      for (int i = 0; i < 3; i++) {
        runOnce(loop);
      }
      assertThat(trail).isEmpty();
      assertThat(reports).isEmpty();
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("SIG-8")
  void aCancelledHandleIsRemovedAtTheNextDelivery(Engine engine) throws Exception {
    var loop = new WatchedLoop(engine);
    try {
      Handle[] handle = new Handle[1];
      loop.addInstrument(
          new Instrument() {
            @Override
            public void callbackBegun(Handle begun) {
              handle[0] = begun;
            }
          });
      loop.addSignalHandler(Signal.USR1, () -> trail.add("called"));
      loop.raise(Signal.USR1);
      runOnce(loop);
      runOnce(loop);
      assertThat(trail).containsExactly("called");

      handle[0].cancel();
      loop.raise(Signal.USR1);
      runOnce(loop);
      runOnce(loop);
      assertThat(trail).containsExactly("called");
      assertProgramGetsIt();
      assertThat(loop.removeSignalHandler(Signal.USR1)).isFalse();
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("SIG-9")
  void closingTheLoopRemovesAllHandlers(Engine engine) throws Exception {
    try (var _ = JdkSignals.handle(Signal.HUP, () -> below.add("program's HUP"))) {
      Loops.with(
          engine,
          loop -> {
            loop.addSignalHandler(Signal.USR1, () -> trail.add("USR1"));
            loop.addSignalHandler(Signal.HUP, () -> trail.add("HUP"));
          });
      assertProgramGetsIt();
      JdkSignals.raise(Signal.HUP);
      assertThat(below.poll(20, TimeUnit.SECONDS)).isEqualTo("program's HUP");
      assertThat(trail).isEmpty();
    }
  }

  @EachEngine
  @Spec("SIG-10")
  void anExceptionOfTheCallbackIsReportedAndTheLoopGoesOn(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = Loops.collectReports(loop);
          var failure = new IllegalStateException("oops");
          loop.addSignalHandler(
              Signal.USR1,
              () -> {
                loop.callSoon(loop::stop);
                throw failure;
              });
          JdkSignals.raise(Signal.USR1);
          loop.runForever();
          assertThat(reports).hasSize(1);
          assertThat(reports.getFirst().exception()).isSameAs(failure);

          JdkSignals.raise(Signal.USR1); // and the handler is still there
          loop.runForever();
          assertThat(reports).hasSize(2);
        });
  }

  @EachEngine
  void theLastOfSeveralLoopsGetsTheSignalAndGivesItBack(Engine engine) throws Exception {
    var first = new WatchedLoop(engine);
    var second = new WatchedLoop(engine);
    var third = new WatchedLoop(engine);
    List<WatchedLoop> loops = List.of(first, second, third);
    try {
      first.addSignalHandler(Signal.USR1, () -> trail.add("first"));
      second.addSignalHandler(Signal.USR1, () -> trail.add("second"));
      third.addSignalHandler(Signal.USR1, () -> trail.add("third"));
      assertDelivered(third, loops, "third");
      second.close(); // from the middle
      assertDelivered(third, loops, "third");
      third.close();
      assertDelivered(first, loops, "first");
    } finally {
      loops.forEach(ChannelEventLoop::close);
    }
    assertProgramGetsIt();
  }

  private void assertDelivered(WatchedLoop to, List<WatchedLoop> loops, String what) {
    trail.clear();
    to.raise(Signal.USR1);
    for (int i = 0; i < 2; i++) {
      loops.stream().filter(loop -> !loop.isClosed()).forEach(Loops::runOnce);
    }
    assertThat(trail).containsExactly(what);
  }

  @EachEngine
  void aHandlerThatTheProgramSetsLaterStays(Engine engine) throws Exception {
    var other = new WatchedLoop(engine);
    try {
      other.addSignalHandler(Signal.USR1, () -> trail.add("other loop"));
      JdkSignals.Restore[] later = new JdkSignals.Restore[1];
      Loops.with(
          engine,
          loop -> {
            loop.addSignalHandler(Signal.USR1, () -> trail.add("loop"));
            later[0] = JdkSignals.handle(Signal.USR1, () -> below.add("set later"));
          });
      JdkSignals.raise(Signal.USR1);
      assertThat(below.poll(20, TimeUnit.SECONDS)).isEqualTo("set later");
      assertThat(trail).isEmpty();
    } finally {
      other.close();
    }
    JdkSignals.raise(Signal.USR1);
    assertThat(below.poll(20, TimeUnit.SECONDS)).isEqualTo("set later");
  }

  @Test
  void theListOfSignalsHasNoNumberTwice() {
    assertThat(Arrays.stream(Signal.values()).map(Signal::number)).doesNotHaveDuplicates();
  }
}
