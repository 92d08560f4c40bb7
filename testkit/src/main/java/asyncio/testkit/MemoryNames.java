package asyncio.testkit;

import asyncio.Asyncio;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups in the names of a {@link MemoryNetwork}: numbers are left to the loop's own look-up,
 * which needs no system for them.
 */
final class MemoryNames {

  /** The loop's own look-up of addresses. */
  @FunctionalInterface
  interface OwnAddresses {
    List<AddressInfo> lookUp(@Nullable String host, AddressOptions options)
        throws UnknownHostException;
  }

  /** The loop's own look-up of names. */
  @FunctionalInterface
  interface OwnNames {
    NameInfo lookUp(NameFlag... flags) throws UnknownHostException;
  }

  private final MemoryNetwork network;

  MemoryNames(MemoryNetwork network) {
    this.network = network;
  }

  List<AddressInfo> getaddrinfo(@Nullable String host, AddressOptions options, OwnAddresses own)
      throws UnknownHostException {
    List<InetAddress> known =
        host == null || options.flags().contains(AddressFlag.NUMERICHOST)
            ? List.of()
            : network.addressesOf(host);
    if (host == null || known.isEmpty()) {
      return ofNumber(host, options, own);
    }
    Set<AddressFlag> flags = EnumSet.of(AddressFlag.NUMERICHOST, array(options.flags()));
    flags.remove(AddressFlag.CANONNAME);
    AddressOptions each = options.withFlags(array(flags));
    List<AddressInfo> found = new ArrayList<>();
    UnknownHostException failure = null;
    for (InetAddress address : withoutSubstitutes(known, options)) {
      try {
        found.addAll(own.lookUp(address.getHostAddress(), each));
      } catch (UnknownHostException e) {
        failure = e; // of another family than asked for, say
      }
    }
    waitForLookup();
    if (found.isEmpty() && failure != null) {
      throw failure;
    }
    if (options.flags().contains(AddressFlag.CANONNAME)) {
      AddressInfo first = found.getFirst();
      found.set(
          0,
          new AddressInfo(first.family(), first.type(), first.protocol(), host, first.address()));
    }
    return List.copyOf(found);
  }

  /** Takes its time; the real look-up suspends as well, and ends when its thread comes to it. */
  private void waitForLookup() {
    Asyncio.sleep(network.lookupDelay());
    Orders orders = network.orders();
    for (int i = orders == null ? 0 : orders.delayOfLookup(); i > 0; i--) {
      Asyncio.sleep(Duration.ZERO);
    }
  }

  private static AddressFlag[] array(Set<AddressFlag> flags) {
    return flags.toArray(AddressFlag[]::new);
  }

  /** IPv4 addresses stand in for IPv6 ones only where there are none, unless all are asked for. */
  private static List<InetAddress> withoutSubstitutes(
      List<InetAddress> addresses, AddressOptions options) {
    boolean substitutes =
        options.flags().contains(AddressFlag.V4MAPPED)
            && !options.flags().contains(AddressFlag.ALL);
    List<InetAddress> ipv6 = addresses.stream().filter(Inet6Address.class::isInstance).toList();
    return substitutes && !ipv6.isEmpty() ? ipv6 : addresses;
  }

  private List<AddressInfo> ofNumber(
      @Nullable String host, AddressOptions options, OwnAddresses own) throws UnknownHostException {
    if (host == null) {
      return own.lookUp(null, options);
    }
    Set<AddressFlag> flags = EnumSet.of(AddressFlag.NUMERICHOST, array(options.flags()));
    try {
      return own.lookUp(host, options.withFlags(array(flags)));
    } catch (UnknownHostException e) {
      if (isNumeric(host) || options.flags().contains(AddressFlag.NUMERICHOST)) {
        throw e;
      }
      UnknownHostException unknown =
          new UnknownHostException(
              host + ": is not known in this test's network; name it with addHost");
      unknown.initCause(e);
      throw unknown;
    }
  }

  private static boolean isNumeric(String host) {
    try {
      return InetAddress.ofLiteral(host) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  NameInfo getnameinfo(InetSocketAddress address, NameFlag[] flags, OwnNames own)
      throws UnknownHostException {
    Set<NameFlag> set = EnumSet.noneOf(NameFlag.class);
    set.addAll(List.of(flags));
    String name =
        set.contains(NameFlag.NUMERICHOST) || address.isUnresolved()
            ? null
            : network.nameOf(address.getAddress());
    set.add(NameFlag.NUMERICHOST);
    if (name == null) {
      return own.lookUp(set.toArray(NameFlag[]::new));
    }
    set.remove(NameFlag.NAMEREQD);
    NameInfo numeric = own.lookUp(set.toArray(NameFlag[]::new));
    waitForLookup();
    return new NameInfo(name, numeric.service());
  }
}
