package asyncio.internal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void putsCommasBetweenValuesAndMembersOnly() {
    Json json =
        new Json()
            .beginObject()
            .field("a", 1)
            .name("b")
            .beginArray()
            .value("x")
            .beginObject()
            .endObject()
            .value(true)
            .beginArray()
            .endArray()
            .nullValue()
            .endArray()
            .field("c", (String) null)
            .field("d", List.of("y", "z"))
            .field("e", 0.5)
            .endObject();

    assertThat(json)
        .hasToString(
            "{\"a\":1,\"b\":[\"x\",{},true,[],null],\"c\":null,\"d\":[\"y\",\"z\"],\"e\":0.5}");
  }

  @Test
  void escapesWhatAStringMayNotHold() {
    assertThat(new Json().value("\"\\\n\r\t\u0001é\uD83D\uDE00\uD83D"))
        .hasToString("\"\\\"\\\\\\n\\r\\t\\u0001é\uD83D\uDE00\\ud83d\"");
  }

  @Test
  void writesNullForWhatIsNoNumber() {
    assertThat(new Json().beginArray().value(Double.NaN).value(1.0 / 0).endArray())
        .hasToString("[null,null]");
  }
}
