package asyncio.net;

import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses {@code getaddrinfo} is to give. Immutable: each {@code with…} method returns a
 * changed copy.
 *
 * @param family {@code StandardProtocolFamily.INET} or {@code INET6}; null for both
 * @param type what the socket is to carry; null for one result of each kind
 * @param protocol 6 for TCP, 17 for UDP, 0 for the one that goes with the type
 * @param flags further wishes
 */
public record AddressOptions(
    @Nullable ProtocolFamily family,
    @Nullable SocketType type,
    int protocol,
    Set<AddressFlag> flags) {

  /** Both families, both types, no flags. */
  public static final AddressOptions DEFAULT = new AddressOptions(null, null, 0, Set.of());

  /**
   * @throws IllegalArgumentException if the family is neither INET nor INET6
   */
  public AddressOptions {
    if (family != null
        && family != StandardProtocolFamily.INET
        && family != StandardProtocolFamily.INET6) {
      throw new IllegalArgumentException(
          "family: must be INET or INET6, not " + family + "; leave it null for both");
    }
    flags = immutable(flags);
  }

  private static Set<AddressFlag> immutable(Collection<AddressFlag> flags) {
    EnumSet<AddressFlag> copy = EnumSet.noneOf(AddressFlag.class);
    copy.addAll(flags);
    return Collections.unmodifiableSet(copy);
  }

  /** Options for one family; null for both. */
  public AddressOptions withFamily(@Nullable ProtocolFamily family) {
    return new AddressOptions(family, type, protocol, flags);
  }

  /** Options for one type of socket; null for both. */
  public AddressOptions withType(@Nullable SocketType type) {
    return new AddressOptions(family, type, protocol, flags);
  }

  /** Options for one protocol, by its number; 0 for any. */
  public AddressOptions withProtocol(int protocol) {
    return new AddressOptions(family, type, protocol, flags);
  }

  /** Options with exactly these flags. */
  public AddressOptions withFlags(AddressFlag... flags) {
    return new AddressOptions(family, type, protocol, immutable(Arrays.asList(flags)));
  }
}
