package asyncio.internal.net;

import asyncio.net.AddressInfo;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The order in which the addresses of a host are tried. */
final class AddressOrder {
  private AddressOrder() {}

  /**
   * Lets the families alternate: {@code count} addresses of the first one, then one of each in
   * turn, each family in its order (RFC 8305 section 4, spec CONN-25).
   *
   * <p>The first family is IPv6 if there is one, since the JDK puts IPv4 first whatever the system
   * says.
   */
  static List<AddressInfo> interleave(List<AddressInfo> addresses, int count) {
    Map<ProtocolFamily, Deque<AddressInfo>> byFamily = new LinkedHashMap<>();
    byFamily.put(StandardProtocolFamily.INET6, new ArrayDeque<>());
    for (AddressInfo address : addresses) {
      byFamily.computeIfAbsent(address.family(), _ -> new ArrayDeque<>()).add(address);
    }
    byFamily.values().removeIf(Deque::isEmpty);
    List<AddressInfo> ordered = new ArrayList<>(addresses.size());
    Deque<AddressInfo> first = byFamily.values().iterator().next();
    while (ordered.size() < count - 1 && !first.isEmpty()) {
      ordered.add(first.remove());
    }
    while (ordered.size() < addresses.size()) {
      for (Deque<AddressInfo> family : byFamily.values()) {
        if (!family.isEmpty()) {
          ordered.add(family.remove());
        }
      }
    }
    return ordered;
  }
}
