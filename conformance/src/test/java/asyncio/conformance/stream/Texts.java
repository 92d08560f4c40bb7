package asyncio.conformance.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.net.StreamReader;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Short ways to say things about streams. */
final class Texts {

  private Texts() {}

  static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  static void feed(StreamReader reader, String... pieces) {
    for (String piece : pieces) {
      reader.feedData(bytes(piece));
    }
  }

  /** Lets everything run that is ready now. */
  static void turn() {
    Asyncio.sleep(Duration.ZERO);
  }

  static <T extends Throwable> AbstractThrowableAssert<?, T> assertThrows(
      Class<T> type, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOf(type)
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.throwable(type));
  }
}
