package asyncio.testkit;

import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Who is bound to which address and port, for one protocol.
 *
 * <p>Ports that nobody chooses are given out in turn, so that a program gets the same ones in each
 * run.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class PortTable<C> {
  private static final int FIRST_FREE_PORT = 49152;
  private static final int PORTS = 65536;

  private record Binding<C>(
      C channel, InetAddress address, int port, boolean isDual, boolean isShared) {

    /** Whether what goes to {@code other} comes here. */
    boolean covers(InetAddress other) {
      return address.equals(other)
          || (address.isAnyLocalAddress()
              && (isDual || (address instanceof Inet4Address) == (other instanceof Inet4Address)));
    }

    boolean overlaps(Binding<?> other) {
      return port == other.port && (covers(other.address) || other.covers(address));
    }
  }

  private final List<Binding<C>> bindings = new ArrayList<>();
  private int nextPort = FIRST_FREE_PORT;

  /**
   * Binds a channel.
   *
   * @param port 0 to get one
   * @param isDual whether the wildcard is that of both families
   * @param isShared whether others may be bound to the same, if they allow it too
   */
  InetSocketAddress bind(C channel, InetAddress address, int port, boolean isDual, boolean isShared)
      throws BindException {
    int bound = port == 0 ? freePort() : port;
    Binding<C> binding = new Binding<>(channel, address, bound, isDual, isShared);
    for (Binding<C> other : bindings) {
      if (other.overlaps(binding) && !(other.isShared && isShared)) {
        throw new BindException("Address already in use");
      }
    }
    bindings.add(binding);
    return new InetSocketAddress(address, bound);
  }

  /** A port that nobody has. */
  int freePort() throws BindException {
    for (int tries = FIRST_FREE_PORT; tries < PORTS; tries++) {
      int port = nextPort;
      nextPort = port + 1 == PORTS ? FIRST_FREE_PORT : port + 1;
      if (bindings.stream().noneMatch(binding -> binding.port == port)) {
        return port;
      }
    }
    throw new BindException("Address already in use");
  }

  void unbind(C channel) {
    bindings.removeIf(binding -> binding.channel == channel);
  }

  /**
   * Those whom something that is sent to {@code target} can reach: the nearest address first, and
   * of equals the one that was bound last.
   */
  List<C> at(InetSocketAddress target) {
    return bindings.reversed().stream()
        .filter(b -> b.port == target.getPort() && b.covers(target.getAddress()))
        .sorted(Comparator.comparing(b -> b.address.isAnyLocalAddress()))
        .map(Binding::channel)
        .toList();
  }

  /** Those with this port, in the order in which they were bound. */
  List<C> withPort(int port) {
    return bindings.stream().filter(b -> b.port == port).map(Binding::channel).toList();
  }

  /** Has others that share the port of a channel come before it. */
  void moveBack(C channel) {
    for (Binding<C> binding : List.copyOf(bindings)) {
      if (binding.channel == channel) {
        bindings.remove(binding);
        bindings.addFirst(binding);
      }
    }
  }
}
