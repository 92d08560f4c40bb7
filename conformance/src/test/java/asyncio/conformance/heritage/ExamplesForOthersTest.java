package asyncio.conformance.heritage;

import static asyncio.conformance.heritage.ExamplePrograms.codeLines;
import static asyncio.conformance.heritage.ExamplePrograms.run;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HER: small programs for those who come from other systems. The examples' tests run them too. */
class ExamplesForOthersTest {
  private static final Map<String, Integer> LIMITS =
      Map.of(
          "SmtpGreeting", 60,
          "IrcChat", 60,
          "ZmqRequestReply", 80,
          "ZmqPublishSubscribe", 80,
          "ZmqPushPull", 80);

  @Test
  @Spec({"HER-113", "HER-122"})
  void theyAreShort() {
    LIMITS.forEach((program, limit) ->
        assertThat(codeLines(program)).as(program).hasSizeLessThanOrEqualTo(limit));
  }

  @EachEngine
  @Spec("HER-113")
  void aClientReadsAnswersOfSeveralLines(Engine engine) {
    assertThat(run(engine, "SmtpGreeting"))
        .startsWith(
            "< 220 mail.example ready",
            "> EHLO localhost",
            "< 250-mail.example",
            "< 250-SIZE 1000",
            "< 250 HELP",
            "> NOOP")
        .endsWith("> QUIT", "< 221 bye");
  }

  @EachEngine
  @Spec("HER-113")
  void guestsOfAChannelHearOneAnother(Engine engine) {
    assertThat(run(engine, "IrcChat"))
        .containsExactly(
            "ada sees :ada JOIN #java",
            "ada sees 421 ada DANCE :Unknown command",
            "bob sees :bob JOIN #java",
            "ada sees :bob JOIN #java",
            "ada sees :bob PRIVMSG #java :hello");
  }

  @EachEngine
  @Spec("HER-122")
  void answersFindTheirRequestsWhateverTheirOrder(Engine engine) {
    assertThat(run(engine, "ZmqRequestReply"))
        .containsExactly(
            "two from a fast worker", "three from a fast worker", "one from a slow worker");
  }

  @EachEngine
  @Spec("HER-122")
  void subscribersGetWhatTheyAskedForAndTheSlowOnesMissSome(Engine engine) {
    assertThat(run(engine, "ZmqPublishSubscribe"))
        .contains(
            "news got news 1", "news got news 2", "news got news 3", "a slow one got weather 1")
        .doesNotContain("news got news nobody hears", "a slow one got news 3");
  }

  @EachEngine
  @Spec("HER-122")
  void workersTakeWhatTheyCanAndTheSinkGetsAll(Engine engine) {
    assertThat(run(engine, "ZmqPushPull"))
        .singleElement()
        .asString()
        .startsWith("[1, 4, 9,")
        .endsWith(", 361, 400]");
  }

  @EachEngine
  @Spec("HER-123")
  void aFileComesOverItsOwnConnectionAsFastAsItIsRead(Engine engine) {
    assertThat(run(engine, "FtpServer"))
        .containsExactly(
            "220 ready",
            "150 here it comes",
            "20000000 bytes",
            "226 done",
            "502 LIST is not known",
            "221 bye",
            "kept at most 100 kB: true");
  }
}
