package asyncio.conformance.engine;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import org.junit.jupiter.api.Test;

/** The direct engine tries itself out before anybody uses it. */
class SelfTestTest {

  static final class AsksWhileInterrupted {
    public static void main(String[] args) {
      Thread.currentThread().interrupt();
      System.out.println(Engine.preferred() + " " + Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void anInterruptOfTheThreadThatAsksFirstSaysNothingAboutTheJvm() {
    var result = ForkedJvm.of(AsksWhileInterrupted.class).run();
    assertThat(result.err()).isEmpty();
    assertThat(result.lines()).containsExactly("DIRECT true");
  }
}
