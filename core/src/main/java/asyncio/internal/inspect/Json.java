package asyncio.internal.inspect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON text (RFC 8259), without spaces, in the order of the calls.
 *
 * <p>{@code new Json().beginObject().field("a", 1).name("b").beginArray().value("x").endArray()
 * .endObject().toString()} is {@code {"a":1,"b":["x"]}}. It puts the commas and escapes the
 * strings; that ends match beginnings is the caller's part. What is not a number in JSON, such as
 * {@link Double#NaN}, becomes {@code null}.
 */
public final class Json {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder text = new StringBuilder(256);

  /** Whether a value came last, so that the next one needs a comma before it. */
  private boolean afterValue;

  public Json beginObject() {
    return begin('{');
  }

  public Json endObject() {
    return end('}');
  }

  public Json beginArray() {
    return begin('[');
  }

  public Json endArray() {
    return end(']');
  }

  private Json begin(char bracket) {
    comma();
    text.append(bracket);
    afterValue = false;
    return this;
  }

  private Json end(char bracket) {
    text.append(bracket);
    afterValue = true;
    return this;
  }

  private void comma() {
    if (afterValue) {
      text.append(',');
    }
    afterValue = true;
  }

  /** The name of a member, whose value is written next. */
  public Json name(String name) {
    comma();
    quote(name);
    text.append(':');
    afterValue = false;
    return this;
  }

  public Json value(@Nullable String value) {
    comma();
    if (value == null) {
      text.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  public Json value(long value) {
    comma();
    text.append(value);
    return this;
  }

  public Json value(double value) {
    comma();
    if (Double.isFinite(value)) {
      text.append(value);
    } else {
      text.append("null");
    }
    return this;
  }

  public Json value(boolean value) {
    comma();
    text.append(value);
    return this;
  }

  public Json nullValue() {
    comma();
    text.append("null");
    return this;
  }

  public Json field(String name, @Nullable String value) {
    return name(name).value(value);
  }

  public Json field(String name, long value) {
    return name(name).value(value);
  }

  public Json field(String name, double value) {
    return name(name).value(value);
  }

  public Json field(String name, boolean value) {
    return name(name).value(value);
  }

  /** A member that is an array of strings. */
  public Json field(String name, List<String> values) {
    name(name).beginArray();
    values.forEach(this::value);
    return endArray();
  }

  private void quote(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < ' ' || isLoneSurrogate(string, i)) {
            text.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              text.append(HEX[(c >> shift) & 15]);
            }
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /** Half of a pair, which no encoding of the text could carry. */
  private static boolean isLoneSurrogate(String string, int i) {
    char c = string.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == string.length() || !Character.isLowSurrogate(string.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(string.charAt(i - 1)));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
