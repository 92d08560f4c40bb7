package asyncio.conformance;

import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.EpollEventLoop;
import asyncio.EventLoop;
import asyncio.EventLoopPolicy;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.SelectorEventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The running loop, the current loop, and the policy that decides about the latter. */
class PolicyTest {

  @AfterEach
  void forget() {
    Asyncio.setEventLoopPolicy(null);
    Asyncio.setEventLoop(null);
  }

  /** A policy that knows one loop and records what it is asked. */
  private static final class RecordingPolicy implements EventLoopPolicy {
    final List<String> asked = new ArrayList<>();
    private final EventLoop loop;

    RecordingPolicy(EventLoop loop) {
      this.loop = loop;
    }

    @Override
    public EventLoop getEventLoop() {
      asked.add("get");
      return loop;
    }

    @Override
    public void setEventLoop(EventLoop loop) {
      asked.add("set " + (loop == this.loop));
    }

    @Override
    public EventLoop newEventLoop() {
      asked.add("new");
      return loop;
    }
  }

  @EachEngine
  @Spec("POL-1")
  void theRunningLoopIsKnownOnlyWhileItRuns(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<EventLoop> seen = new ArrayList<>();
          assertRefused("no running", Asyncio::getRunningLoop);
          loop.callSoon(() -> seen.add(Asyncio.getRunningLoop()));
          loop.runUntilComplete(() -> seen.add(Asyncio.getRunningLoop()));
          assertThat(seen).containsExactly(loop, loop);
          assertRefused("no running", Asyncio::getRunningLoop);
          Asyncio.setEventLoop(loop);
          assertRefused("no running", Asyncio::getRunningLoop);
        });
  }

  @EachEngine
  @Spec("POL-2")
  void insideTheRunningLoopThePolicyIsNotAsked(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          var other = LoopKind.preferred().newLoop(engine);
          var policy = new RecordingPolicy(other);
          Asyncio.setEventLoopPolicy(policy);
          Asyncio.setEventLoop(other);
          List<EventLoop> seen = new ArrayList<>();
          loop.callSoon(() -> seen.add(Asyncio.getEventLoop()));
          loop.runUntilComplete(() -> seen.add(Asyncio.getEventLoop()));
          assertThat(seen).containsExactly(loop, loop);
          assertThat(policy.asked).containsExactly("set true");
          other.close();
        });
  }

  @EachEngine
  @Spec("POL-3")
  void outsideARunningLoopThePolicyAnswers(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          var policy = new RecordingPolicy(loop);
          Asyncio.setEventLoopPolicy(policy);
          assertThat(Asyncio.getEventLoop()).isSameAs(loop);
          loop.runUntilComplete(() -> {});
          assertThat(Asyncio.getEventLoop()).isSameAs(loop);
          assertThat(policy.asked).containsExactly("get", "get");
        });
  }

  @Test
  @Spec({"POL-4", "POL-5"})
  void theDefaultPolicyKnowsWhatWasSetAndMakesNothing() {
    assertRefused("no current event loop", Asyncio::getEventLoop);
    assertRefused("no current event loop", Asyncio::getEventLoop);
    var loop = LoopKind.preferred().newLoop(Engine.preferred());
    Asyncio.setEventLoop(loop);
    assertThat(Asyncio.getEventLoop()).isSameAs(loop);
    assertThat(Asyncio.getEventLoopPolicy().getEventLoop()).isSameAs(loop);
    loop.close();
  }

  @Test
  @Spec("POL-7")
  void settingNullLeavesTheThreadWithoutALoop() {
    var loop = LoopKind.preferred().newLoop(Engine.preferred());
    Asyncio.setEventLoop(loop);
    Asyncio.setEventLoop(null);
    assertRefused("no current event loop", Asyncio::getEventLoop);
    loop.close();
  }

  @Test
  @Spec("POL-8")
  void anotherThreadHasNoLoopUntilItSetsOne() throws Exception {
    var loop = LoopKind.preferred().newLoop(Engine.preferred());
    var theirs = LoopKind.preferred().newLoop(Engine.preferred());
    Asyncio.setEventLoop(loop);
    Loops.onOtherThread(() -> {
      assertRefused("no current event loop", Asyncio::getEventLoop);
      Asyncio.setEventLoop(theirs);
      assertThat(Asyncio.getEventLoop()).isSameAs(theirs);
    });
    assertThat(Asyncio.getEventLoop()).isSameAs(loop);
    loop.close();
    theirs.close();
  }

  @Test
  @Spec("POL-9")
  void onlyALoopCanBeSet() {
    Snippet.accepts("setEventLoop(newEventLoop());");
    Snippet.rejects("setEventLoop(\"a loop\");");
  }

  @Test
  @Spec("POL-10")
  void newLoopsAreNewAndNotCurrent() {
    EventLoop first = Asyncio.newEventLoop();
    EventLoop second = Asyncio.newEventLoop();
    assertThat(first).isNotSameAs(second);
    assertRefused("no current event loop", Asyncio::getEventLoop);
    first.close();
    second.close();
  }

  @Test
  @Spec("POL-11")
  void thePolicyIsOneForTheProcessUntilItIsReplaced() throws Exception {
    EventLoopPolicy policy = Asyncio.getEventLoopPolicy();
    assertThat(Asyncio.getEventLoopPolicy()).isSameAs(policy);
    Loops.onOtherThread(() -> assertThat(Asyncio.getEventLoopPolicy()).isSameAs(policy));
    EventLoopPolicy other = new EventLoopPolicy() {};
    Asyncio.setEventLoopPolicy(other);
    Loops.onOtherThread(() -> assertThat(Asyncio.getEventLoopPolicy()).isSameAs(other));
  }

  @Test
  @Spec("POL-12")
  void aPolicyCanBeSetAndTakenBack() {
    EventLoopPolicy mine = new EventLoopPolicy() {};
    Asyncio.setEventLoopPolicy(mine);
    assertThat(Asyncio.getEventLoopPolicy()).isSameAs(mine);
    Asyncio.setEventLoopPolicy(null);
    assertThat(Asyncio.getEventLoopPolicy()).isNotNull().isNotSameAs(mine);
    Asyncio.newEventLoop().close();
    Snippet.accepts("setEventLoopPolicy(null);");
    Snippet.rejects("setEventLoopPolicy(newEventLoop());");
  }

  @Test
  @Spec("POL-13")
  void theFunctionsAskThePolicyWhichByItselfDoesNothing() {
    EventLoopPolicy nothing = new EventLoopPolicy() {};
    assertThatThrownBy(nothing::getEventLoop).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(nothing::newEventLoop).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> nothing.setEventLoop(null))
        .isInstanceOf(UnsupportedOperationException.class);

    var loop = LoopKind.preferred().newLoop(Engine.preferred());
    var policy = new RecordingPolicy(loop);
    Asyncio.setEventLoopPolicy(policy);
    assertThat(Asyncio.newEventLoop()).isSameAs(loop);
    Asyncio.setEventLoop(loop);
    assertThat(Asyncio.getEventLoop()).isSameAs(loop);
    assertThat(policy.asked).containsExactly("new", "set true", "get");
    loop.close();
  }

  @Test
  @Spec("POL-15")
  void theDefaultClassCanBeNamedWithoutThePolicy() {
    var policy = new RecordingPolicy(LoopKind.preferred().newLoop(Engine.preferred()));
    Class<?> preferred =
        LoopKind.preferred() == LoopKind.EPOLL ? EpollEventLoop.class : SelectorEventLoop.class;
    assertThat(Asyncio.newEventLoop()).isExactlyInstanceOf(preferred);
    Asyncio.setEventLoopPolicy(policy);
    EventLoop seen =
        Asyncio.run(
            Asyncio::getRunningLoop, RunOptions.DEFAULT.withLoopFactory(SelectorEventLoop::new));
    assertThat(seen).isExactlyInstanceOf(SelectorEventLoop.class);
    assertThat(policy.asked).isEmpty();
    policy.loop.close();
  }
}
