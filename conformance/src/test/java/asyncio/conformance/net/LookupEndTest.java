package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.net.AddressOptions.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;

/** DNS-7 and DNS-8: look-ups that nobody waits for any more. */
@Timeout(30)
class LookupEndTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("DNS-7")
  void cancelledLookUpReturnsAtOnceAndItsResultIsDiscarded(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var name = ScriptedNames.fresh().with("192.0.2.1").blocking();
          var lookup =
              createTask(() -> {
                try {
                  loop.getaddrinfo(name.text, 80, DEFAULT);
                } finally {
                  trail.add("ended");
                }
              });
          sleep(millis(0));
          name.awaitAsked();
          lookup.cancel("not needed");
          assertThatThrownBy(lookup::await).isInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("ended");
          assertThat(name.askers.getFirst().isAlive()).as("the look-up goes on").isTrue();

          name.release();
          assertThat(loop.getaddrinfo(name.text, 80, DEFAULT))
              .as("the same look-up, or what the JVM remembers of it")
              .isNotEmpty();
          assertThat(name.askers).hasSize(1);
        });
  }

  @EachEngine
  @Spec("DNS-7")
  void lookUpCanBeGivenATimeLimit(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var name = ScriptedNames.fresh().blocking(); // and fails, which nobody hears of
          assertThatThrownBy(
                  () -> timeout(millis(1), () -> loop.getaddrinfo(name.text, 80, DEFAULT)))
              .isInstanceOf(TimeoutException.class);
          name.release();
        });
  }

  @EachEngine
  void instrumentsHearThatAThreadIsWaitedFor(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          loop.addInstrument(
              new Instrument() {
                @Override
                public void threadAwaited(Future<?> future) {
                  trail.add("waits for a " + future.waitKind());
                }
              });
          loop.getaddrinfo("127.0.0.1", 80, DEFAULT);
          assertThat(trail).as("a literal needs no thread").isEmpty();
          loop.getaddrinfo(ScriptedNames.fresh().with("192.0.2.1").text, 80, DEFAULT);
          assertThat(trail).containsExactly("waits for a thread");
        });
  }

  @EachEngine
  @Spec("DNS-7")
  void cancelledLookUpThatHasNoThreadYetIsNeverMade(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          List<ScriptedNames.Name> names = new ArrayList<>();
          for (int i = 0; i < 32; i++) { // as many as there are threads
            names.add(ScriptedNames.fresh().with("192.0.2.1").blocking());
          }
          var waits = ScriptedNames.fresh().with("192.0.2.1");
          var others =
              names.stream()
                  .map(name -> createTask(() -> loop.getaddrinfo(name.text, 80, DEFAULT)))
                  .toList();
          var lookup = createTask(() -> loop.getaddrinfo(waits.text, 80, DEFAULT));
          sleep(millis(0));
          for (var name : names) {
            name.awaitAsked();
          }
          lookup.cancel();
          assertThatThrownBy(lookup::await).isInstanceOf(CancelledError.class);
          names.forEach(ScriptedNames.Name::release);
          for (var other : others) {
            other.await();
          }
          loop.getaddrinfo(ScriptedNames.fresh().with("192.0.2.1").text, 80, DEFAULT);
          assertThat(waits.askers).isEmpty();
        });
  }

  @EachEngine
  @Spec("DNS-8")
  void closingTheLoopWhileACancelledLookUpGoesOnReportsNothing(Engine engine) throws Exception {
    var name = ScriptedNames.fresh().with("192.0.2.1").blocking();
    Loops.with(
        engine,
        loop -> {
          var lookup = loop.createTask(() -> loop.getaddrinfo(name.text, 80, DEFAULT));
          runOnce(loop);
          name.awaitAsked();
          lookup.cancel();
          while (!lookup.isDone()) {
            runOnce(loop);
          }
          loop.close();
          name.release();
          assertThat(name.askers.getFirst().join(java.time.Duration.ofSeconds(20)))
              .as("its thread ends")
              .isTrue();
        });
  }

  @EachEngine
  @Spec("DNS-8")
  void closingTheLoopWhileATaskLooksUpReportsTheTaskOnly(Engine engine) throws Exception {
    var name = ScriptedNames.fresh().with("192.0.2.1").blocking();
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          var lookup = loop.createTask(() -> loop.getaddrinfo(name.text, 80, DEFAULT));
          runOnce(loop);
          name.awaitAsked();
          loop.close();
          name.release();
          assertThat(name.askers.getFirst().join(java.time.Duration.ofSeconds(20)))
              .as("its thread ends")
              .isTrue();
          assertThat(reports)
              .singleElement()
              .satisfies(report -> {
                assertThat(report.message()).isEqualTo("Task was destroyed but it is pending!");
                assertThat(report.get(ErrorContext.TASK)).isSameAs(lookup);
              });
        });
  }
}
