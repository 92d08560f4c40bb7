package asyncio.testkit;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A channel's membership in a group. */
final class MemoryMembership extends MembershipKey {
  private final MemoryDatagramChannel channel;
  private final InetAddress group;
  private final NetworkInterface networkInterface;
  private final @Nullable InetAddress source;

  // guarded by channel.lock()
  private final Set<InetAddress> blocked = new HashSet<>();

  MemoryMembership(
      MemoryDatagramChannel channel,
      InetAddress group,
      NetworkInterface networkInterface,
      @Nullable InetAddress source) {
    this.channel = channel;
    this.group = group;
    this.networkInterface = networkInterface;
    this.source = source;
  }

  boolean isOf(InetAddress group, NetworkInterface networkInterface, @Nullable InetAddress source) {
    return this.group.equals(group)
        && this.networkInterface.equals(networkInterface)
        && Objects.equals(this.source, source);
  }

  /** Whether it lets in what {@code sender} sends to {@code target}. */
  boolean takes(InetAddress target, InetAddress sender) {
    return group.equals(target)
        && (source == null || source.equals(sender))
        && !blocked.contains(sender);
  }

  @Override
  public boolean isValid() {
    synchronized (channel.lock()) {
      return channel.isMemberBy(this);
    }
  }

  @Override
  public void drop() {
    synchronized (channel.lock()) {
      channel.leave(this);
    }
  }

  @Override
  public MembershipKey block(InetAddress sender) {
    if (source != null) {
      throw new IllegalStateException("key is source-specific");
    }
    synchronized (channel.lock()) {
      blocked.add(sender);
    }
    return this;
  }

  @Override
  public MembershipKey unblock(InetAddress sender) {
    synchronized (channel.lock()) {
      if (!blocked.remove(sender)) {
        throw new IllegalStateException("not blocked");
      }
    }
    return this;
  }

  @Override
  public MulticastChannel channel() {
    return channel;
  }

  @Override
  public InetAddress group() {
    return group;
  }

  @Override
  public NetworkInterface networkInterface() {
    return networkInterface;
  }

  @Override
  @SuppressWarnings("NullAway") // the JDK's own declaration says nothing about null
  public InetAddress sourceAddress() {
    return source;
  }

  @Override
  public String toString() {
    return "<" + group.getHostAddress() + "," + networkInterface.getName() + ">";
  }
}
