package asyncio.net;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the description of an endpoint: {@code tcp:host=example.org:port=80}.
 *
 * <p>Colons separate the parts; the first is the type, then come those without a name, in order,
 * then those that are {@code name=value}. A colon or a backslash in a value has a backslash before
 * it (spec HER-38).
 */
final class EndpointString {
  private final String text;
  private final String type;
  private final List<String> positional = new ArrayList<>();
  private final Map<String, String> named = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();
  private int positionalUsed;

  private EndpointString(String text, List<String> parts) {
    this.text = text;
    this.type = parts.getFirst();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      if (equals >= 0) {
        named.put(part.substring(0, equals), part.substring(equals + 1));
      } else if (named.isEmpty()) {
        positional.add(part);
      } else {
        throw problem("'" + part + "' comes behind a named part; put it before that, or name it");
      }
    }
  }

  static EndpointString parse(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        part.append(text.charAt(++i));
      } else if (c == ':') {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return new EndpointString(text, parts);
  }

  static String quote(String value) {
    return value.replace("\\", "\\\\").replace(":", "\\:");
  }

  String type() {
    return type;
  }

  /** The value with this name, or else the next one without a name; null if there is neither. */
  @Nullable String next(String name) {
    used.add(name);
    if (named.containsKey(name)) {
      return named.get(name);
    }
    return positionalUsed < positional.size() ? positional.get(positionalUsed++) : null;
  }

  /** As {@link #next}, of a part that must be there. */
  String required(String name) {
    String value = next(name);
    if (value == null) {
      throw problem("the " + name + " is missing");
    }
    return value;
  }

  /** The value with this name, or {@code otherwise}. */
  @Nullable String named(String name, @Nullable String otherwise) {
    used.add(name);
    return named.getOrDefault(name, otherwise);
  }

  int port() {
    String value = required("port");
    return number("port", value, 65_535);
  }

  int number(String name, String value, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the same text for both
    }
    throw problem("the " + name + " is '" + value + "'; it must be a number from 0 to " + most);
  }

  /** Refuses parts that nobody has asked for. */
  void checkAllUsed() {
    if (positionalUsed < positional.size()) {
      throw problem("'" + positional.get(positionalUsed) + "' is one part too many");
    }
    for (String name : named.keySet()) {
      if (!used.contains(name)) {
        throw problem("'" + name + "' means nothing for '" + type + "'; known are " + used);
      }
    }
  }

  IllegalArgumentException problem(String what) {
    return new IllegalArgumentException("endpoint '" + text + "': " + what);
  }
}
