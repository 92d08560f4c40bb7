package asyncio.internal.net;

import asyncio.net.GroupMembership;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.MembershipKey;

/** A membership as the JDK has it. */
record Membership(MembershipKey key) implements GroupMembership {

  @Override
  public InetAddress group() {
    return key.group();
  }

  @Override
  public NetworkInterface networkInterface() {
    return key.networkInterface();
  }

  @Override
  public boolean isValid() {
    return key.isValid();
  }

  @Override
  public void block(InetAddress source) throws IOException {
    key.block(source);
  }

  @Override
  public void unblock(InetAddress source) {
    key.unblock(source);
  }

  @Override
  public void close() {
    key.drop();
  }

  @Override
  public String toString() {
    return "<GroupMembership " + key + ">";
  }
}
