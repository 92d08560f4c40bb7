package asyncio.conformance;

import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Instrument;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** FUT: done callbacks. */
class FutureCallbackTest {
  private final List<String> trail = new ArrayList<>();

  private Consumer<Future<String>> noting(String text) {
    return _ -> trail.add(text);
  }

  @EachEngine
  @Spec("FUT-14")
  void completionQueuesEachCallbackInOrderAsAHandleOfItsOwn(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Handle> handles = new ArrayList<>();
          loop.addInstrument(
              new Instrument() {
                @Override
                public void callbackBegun(Handle handle) {
                  handles.add(handle);
                }
              });
          List<Consumer<Future<String>>> completions =
              List.of(
                  future -> future.setResult("x"),
                  future -> future.setException(new IllegalStateException()),
                  future -> future.cancel());
          for (Consumer<Future<String>> completion : completions) {
            handles.clear();
            trail.clear();
            Future<String> future = loop.createFuture();
            for (int i = 1; i <= 5; i++) {
              int number = i;
              future.addDoneCallback(done -> {
                assertThat(done).isSameAs(future);
                trail.add("callback " + number);
              });
            }
            loop.callSoon(() -> trail.add("queued before"));
            completion.accept(future);
            loop.callSoon(() -> trail.add("queued after"));
            assertThat(trail).as("nothing runs in the call that completes").isEmpty();
            runOnce(loop);
            assertThat(trail)
                .containsExactly(
                    "queued before",
                    "callback 1",
                    "callback 2",
                    "callback 3",
                    "callback 4",
                    "callback 5",
                    "queued after");
            assertThat(handles).hasSize(7).doesNotHaveDuplicates();
            if (!future.isCancelled()) {
              future.exception();
            }
          }
        });
  }

  @EachEngine
  @Spec("FUT-15")
  void callbackOfADoneFutureIsQueuedAndNotCalled(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          future.setResult("x");
          loop.callSoon(() -> trail.add("queued before"));
          future.addDoneCallback(noting("callback"));
          assertThat(trail).isEmpty();
          runOnce(loop);
          assertThat(trail).containsExactly("queued before", "callback");
        });
  }

  @EachEngine
  @Spec({"FUT-16", "FUT-17"})
  void eachRegistrationCountsAndIsRemovedWithTheOthers(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Consumer<Future<String>> twice = noting("twice");
          Consumer<Future<String>> thrice = noting("thrice");
          Consumer<Future<String>> never = noting("never");
          for (Consumer<Future<String>> each :
              List.of(thrice, twice, thrice, never, twice, thrice)) {
            future.addDoneCallback(each);
          }
          assertThat(future.removeDoneCallback(never)).isEqualTo(1);
          assertThat(future.removeDoneCallback(never)).isZero();
          assertThat(future.removeDoneCallback(thrice)).isEqualTo(3);
          assertThat(future.removeDoneCallback(noting("twice")))
              .as("another object, not equal")
              .isZero();
          future.setResult("x");
          runOnce(loop);
          assertThat(trail).containsExactly("twice", "twice");
        });
  }

  /** Callbacks that are equal if their names are. */
  private record Named(String name, List<String> trail) implements Consumer<Future<String>> {
    @Override
    public void accept(Future<String> future) {
      trail.add(name);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Named other && name.equals(other.name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }
  }

  @EachEngine
  @Spec("FUT-17")
  void firstSecondOrThirdCanBeRemovedByAnEqualOne(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          for (String removed : List.of("a", "b", "c")) {
            trail.clear();
            Future<String> future = loop.createFuture();
            List<String> expected = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
              future.addDoneCallback(new Named(name, trail));
              if (!name.equals(removed)) {
                expected.add(name);
              }
            }
            assertThat(future.removeDoneCallback(new Named(removed, trail))).isEqualTo(1);
            future.setResult("x");
            runOnce(loop);
            assertThat(trail).isEqualTo(expected);
          }
        });
  }

  @EachEngine
  @Spec("FUT-18")
  void queuedCallbackCannotBeRemovedAnyMore(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Consumer<Future<String>> second = noting("second");
          future.addDoneCallback(
              _ -> trail.add("first removes " + future.removeDoneCallback(second)));
          future.addDoneCallback(second);
          future.setResult("x");
          assertThat(future.removeDoneCallback(second)).isZero();
          runOnce(loop);
          assertThat(trail).containsExactly("first removes 0", "second");
        });
  }

  @EachEngine
  @Spec("FUT-19")
  void listStaysWholeWhenEqualsChangesIt(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          for (boolean wanted : List.of(true, false)) {
            trail.clear();
            Future<String> future = loop.createFuture();
            Consumer<Future<String>> plain = noting("plain");
            Consumer<Future<String>> late = noting("late");
            var meddler =
                new Consumer<Future<String>>() {
                  @Override
                  public void accept(Future<String> done) {
                    trail.add("meddler");
                  }

                  @Override
                  public boolean equals(Object o) {
                    assertThat(future.removeDoneCallback(plain))
                        .isBetween(0, 2); // its own list, from within
                    if (trail.isEmpty()) {
                      future.addDoneCallback(late);
                      trail.add("added");
                    }
                    return o == this && wanted;
                  }

                  @Override
                  public int hashCode() {
                    return 1;
                  }
                };
            future.addDoneCallback(plain);
            future.addDoneCallback(meddler);
            future.addDoneCallback(plain);
            assertThat(future.removeDoneCallback(meddler)).isEqualTo(wanted ? 1 : 0);
            future.setResult("x");
            runOnce(loop);
            assertThat(trail)
                .isEqualTo(wanted ? List.of("added", "late") : List.of("added", "meddler", "late"));
          }
        });
  }

  @EachEngine
  @Spec("FUT-19")
  void equalsMayCompleteTheFuture(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          var completing =
              new Consumer<Future<String>>() {
                @Override
                public void accept(Future<String> done) {
                  trail.add("called");
                }

                @Override
                public boolean equals(Object o) {
                  if (!future.isDone()) {
                    future.setResult("in equals");
                  }
                  return o == this;
                }

                @Override
                public int hashCode() {
                  return 1;
                }
              };
          future.addDoneCallback(completing);
          assertThat(future.removeDoneCallback(completing)).as("queued meanwhile").isZero();
          runOnce(loop);
          assertThat(trail).containsExactly("called");
        });
  }

  @EachEngine
  @Spec("FUT-19")
  void callbacksMayAddAndRemoveCallbacks(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Consumer<Future<String>> second = noting("second");
          future.addDoneCallback(done -> {
            trail.add("first");
            done.removeDoneCallback(second);
            done.addDoneCallback(second);
            done.addDoneCallback(noting("third"));
          });
          future.addDoneCallback(second);
          future.setResult("x");
          runOnce(loop);
          assertThat(trail).containsExactly("first", "second");
          runOnce(loop);
          assertThat(trail).containsExactly("first", "second", "second", "third");
        });
  }

  @EachEngine
  @Spec("FUT-20")
  void failingCallbackHarmsNeitherTheOthersNorTheFuture(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          var failure = new IllegalStateException("in a callback");
          Future<String> future = loop.createFuture();
          future.addDoneCallback(noting("first"));
          future.addDoneCallback(_ -> {
            throw failure;
          });
          future.addDoneCallback(noting("third"));
          future.setResult("x");
          runOnce(loop);

          assertThat(trail).containsExactly("first", "third");
          assertThat(reports).extracting(ErrorContext::exception).containsExactly(failure);
          assertThat(future.result()).isEqualTo("x");
        });
  }

  @EachEngine
  @Spec("FUT-14")
  void callbackRunsInTheContextGivenOrInACopyOfTheCallers(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var name = new ContextVar<String>("name", "default");
          var given = new Context();
          Future<String> future = loop.createFuture();
          addCallbacks(loop, future, name, given);
          future.setResult("x");
          runOnce(loop);
          assertThat(trail).containsExactly("caller", "default");
          assertThat(given.get(name)).isEqualTo("set in the callback");
          assertThatThrownBy(() -> future.addDoneCallback(null, _ -> {}))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("context");
          assertThatThrownBy(() -> future.addDoneCallback(null))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("callback");
        });
  }

  private void addCallbacks(
      EventLoop loop, Future<String> future, ContextVar<String> name, Context given) {
    loop.callSoon(() -> {
      name.set("caller");
      future.addDoneCallback(_ -> trail.add(name.get()));
      future.addDoneCallback(
          given,
          _ -> {
            trail.add(name.get());
            name.set("set in the callback");
          });
      name.set("changed later");
    });
    runOnce(loop);
  }
}
