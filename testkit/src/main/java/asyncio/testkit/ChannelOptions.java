package asyncio.testkit;

import static java.net.StandardSocketOptions.IP_MULTICAST_IF;
import static java.net.StandardSocketOptions.IP_MULTICAST_LOOP;
import static java.net.StandardSocketOptions.IP_MULTICAST_TTL;
import static java.net.StandardSocketOptions.IP_TOS;
import static java.net.StandardSocketOptions.SO_BROADCAST;
import static java.net.StandardSocketOptions.SO_KEEPALIVE;
import static java.net.StandardSocketOptions.SO_LINGER;
import static java.net.StandardSocketOptions.SO_RCVBUF;
import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static java.net.StandardSocketOptions.SO_SNDBUF;
import static java.net.StandardSocketOptions.TCP_NODELAY;

import java.net.SocketOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of one channel.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class ChannelOptions {
  private static final int MAX_BYTE = 255;

  private final Map<SocketOption<?>, @Nullable Object> values = new LinkedHashMap<>();

  private ChannelOptions() {}

  static ChannelOptions ofTcp(int sendBuffer, int receiveBuffer) {
    return new ChannelOptions()
        .with(SO_SNDBUF, sendBuffer)
        .with(SO_RCVBUF, receiveBuffer)
        .with(SO_KEEPALIVE, false)
        .with(SO_REUSEADDR, false)
        .with(SO_REUSEPORT, false)
        .with(SO_LINGER, -1)
        .with(TCP_NODELAY, false)
        .with(IP_TOS, 0);
  }

  static ChannelOptions ofUnix(int sendBuffer, int receiveBuffer) {
    return new ChannelOptions()
        .with(SO_SNDBUF, sendBuffer)
        .with(SO_RCVBUF, receiveBuffer)
        .with(SO_LINGER, -1);
  }

  static ChannelOptions ofListener(int receiveBuffer) {
    return new ChannelOptions()
        .with(SO_RCVBUF, receiveBuffer)
        .with(SO_REUSEADDR, true)
        .with(SO_REUSEPORT, false);
  }

  static ChannelOptions ofUnixListener(int receiveBuffer) {
    return new ChannelOptions().with(SO_RCVBUF, receiveBuffer);
  }

  static ChannelOptions ofDatagrams(int sendBuffer, int receiveBuffer) {
    return new ChannelOptions()
        .with(SO_SNDBUF, sendBuffer)
        .with(SO_RCVBUF, receiveBuffer)
        .with(SO_REUSEADDR, false)
        .with(SO_REUSEPORT, false)
        .with(SO_BROADCAST, false)
        .with(IP_TOS, 0)
        .with(IP_MULTICAST_IF, null)
        .with(IP_MULTICAST_TTL, 1)
        .with(IP_MULTICAST_LOOP, true);
  }

  private <T> ChannelOptions with(SocketOption<T> name, @Nullable T value) {
    values.put(name, value);
    return this;
  }

  Set<SocketOption<?>> supported() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /**
   * Checks an option before anything else is looked at, the channel's being open included.
   *
   * @throws UnsupportedOperationException if this channel has no such option
   */
  void check(SocketOption<?> name) {
    if (!values.containsKey(Objects.requireNonNull(name))) {
      throw new UnsupportedOperationException("'" + name + "' not supported");
    }
  }

  <T> void checkValue(SocketOption<T> name, T value) {
    if (!name.type().isInstance(value)) {
      throw new IllegalArgumentException("Invalid value '" + value + "'");
    }
  }

  <T> void set(SocketOption<T> name, T value) {
    if (value instanceof Integer number) {
      if ((name == SO_SNDBUF || name == SO_RCVBUF) && number < 0) {
        throw new IllegalArgumentException("Invalid send/receive buffer size");
      }
      boolean isByte = number >= 0 && number <= MAX_BYTE;
      if (name == IP_TOS && !isByte) {
        throw new IllegalArgumentException("Invalid IP_TOS value");
      }
      if (name == IP_MULTICAST_TTL && !isByte) {
        throw new IllegalArgumentException("Invalid TTL/hop value");
      }
    }
    Object stored = name == SO_LINGER && (Integer) value < 0 ? Integer.valueOf(-1) : value;
    values.put(name, stored);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the option says the type
  <T> @Nullable T get(SocketOption<T> name) {
    return (T) values.get(name);
  }

  int getInt(SocketOption<Integer> name) {
    Integer value = get(name);
    return value == null ? 0 : value;
  }

  boolean isSet(SocketOption<Boolean> name) {
    return Boolean.TRUE.equals(get(name));
  }
}
