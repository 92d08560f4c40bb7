package asyncio.internal.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Literal IP addresses: reads and writes them, and never looks a name up.
 *
 * <p>It is strict where the JDK is not: {@code 1}, {@code 127.1} and {@code 010.0.0.1} are no
 * literals, and {@code ::ffff:1.2.3.4} stays an IPv6 address.
 */
public final class IpLiterals {
  private static final int IPV4_LENGTH = 4;
  private static final int IPV6_LENGTH = 16;

  private IpLiterals() {}

  /** The address that {@code text} is a literal of; null if it is none, or one with a zone. */
  public static @Nullable InetAddress parse(String text) {
    byte[] bytes = text.indexOf(':') < 0 ? parse4(text, 0) : parse6(text);
    return bytes == null ? null : ofBytes(bytes, -1);
  }

  /**
   * As {@link #parse}, and also with a zone behind a percent sign, the name or the number of a
   * network interface.
   *
   * @throws UnknownHostException if there is no such interface
   */
  public static @Nullable InetAddress parseWithZone(String text) throws UnknownHostException {
    int percent = text.indexOf('%');
    if (percent < 0) {
      return parse(text);
    }
    byte[] bytes = parse6(text.substring(0, percent));
    return bytes == null ? null : ofBytes(bytes, zone(text, text.substring(percent + 1)));
  }

  /** The IPv6 address that stands for an IPv4 one, {@code ::ffff:a.b.c.d}. */
  static InetAddress mapped(InetAddress ipv4) {
    byte[] bytes = new byte[IPV6_LENGTH];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(ipv4.getAddress(), 0, bytes, 12, IPV4_LENGTH);
    return ofBytes(bytes, -1);
  }

  /** The IPv4 address that {@code ipv6} stands for; null if it stands for none. */
  static @Nullable InetAddress unmapped(InetAddress ipv6) {
    byte[] bytes = ipv6.getAddress();
    return isMapped(bytes)
        ? ofBytes(new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]}, -1)
        : null;
  }

  private static boolean isMapped(byte[] bytes) {
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[10] == (byte) 0xff && bytes[11] == (byte) 0xff;
  }

  private static InetAddress ofBytes(byte[] bytes, int zone) {
    try {
      // InetAddress.getByAddress would turn mapped addresses into IPv4 ones.
      return bytes.length == IPV4_LENGTH
          ? InetAddress.getByAddress(bytes)
          : Inet6Address.getByAddress(null, bytes, zone);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + bytes.length + " bytes", e);
    }
  }

  private static int zone(String text, String zone) throws UnknownHostException {
    if (isDecimal(zone) && zone.length() <= 9) {
      return Integer.parseInt(zone);
    }
    try {
      NetworkInterface named = zone.isEmpty() ? null : NetworkInterface.getByName(zone);
      if (named != null) {
        return named.getIndex();
      }
    } catch (SocketException e) {
      throw noInterface(text, e);
    }
    throw noInterface(text, null);
  }

  private static UnknownHostException noInterface(String text, @Nullable Throwable cause) {
    var failure =
        new UnknownHostException(
            text + ": no such network interface; name one of this machine behind the %");
    failure.initCause(cause);
    return failure;
  }

  static boolean isDecimal(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  // ---- reading

  /** The four bytes from {@code start} to the end of the text; null if that is no address. */
  private static byte @Nullable [] parse4(String text, int start) {
    byte[] bytes = new byte[IPV4_LENGTH];
    int at = start;
    for (int i = 0; i < IPV4_LENGTH; i++) {
      int from = at;
      int value = 0;
      while (at < text.length() && at - from < 3 && isDigit(text.charAt(at))) {
        value = 10 * value + text.charAt(at++) - '0';
      }
      boolean octal = at - from > 1 && text.charAt(from) == '0';
      if (at == from || octal || value > 255) {
        return null;
      }
      bytes[i] = (byte) value;
      boolean last = i == IPV4_LENGTH - 1;
      if (last ? at != text.length() : at >= text.length() || text.charAt(at++) != '.') {
        return null;
      }
    }
    return bytes;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static byte @Nullable [] parse6(String text) {
    byte[] bytes = new byte[IPV6_LENGTH];
    int filled = 0;
    int gap = -1; // where the "::" stands, in bytes
    int at = 0;
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    }
    while (at < text.length()) {
      int colon = text.indexOf(':', at);
      if (colon < 0 && text.indexOf('.', at) >= 0) {
        byte[] tail = parse4(text, at);
        if (tail == null || filled > IPV6_LENGTH - IPV4_LENGTH) {
          return null;
        }
        System.arraycopy(tail, 0, bytes, filled, IPV4_LENGTH);
        filled += IPV4_LENGTH;
        break;
      }
      int end = colon < 0 ? text.length() : colon;
      int group = hexGroup(text, at, end);
      if (group < 0 || filled == IPV6_LENGTH) {
        return null;
      }
      bytes[filled++] = (byte) (group >> 8);
      bytes[filled++] = (byte) group;
      if (colon < 0) {
        break;
      }
      at = colon + 1;
      if (at == text.length()) {
        return null; // a single colon at the end
      }
      if (text.charAt(at) == ':') {
        if (gap >= 0) {
          return null; // a second gap
        }
        gap = filled;
        at++;
      }
    }
    if (gap < 0) {
      return filled == IPV6_LENGTH ? bytes : null;
    }
    if (filled == IPV6_LENGTH) {
      return null; // a gap that stands for nothing
    }
    int moved = filled - gap;
    System.arraycopy(bytes, gap, bytes, IPV6_LENGTH - moved, moved);
    java.util.Arrays.fill(bytes, gap, IPV6_LENGTH - moved, (byte) 0);
    return bytes;
  }

  /** The value of one to four hexadecimal digits; -1 if it is something else. */
  private static int hexGroup(String text, int from, int to) {
    if (to == from || to - from > 4) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = 16 * value + digit;
    }
    return value;
  }

  // ---- writing

  /**
   * The literal of an address in its usual form (RFC 5952): {@code ::1}, not {@code
   * 0:0:0:0:0:0:0:1}.
   */
  public static String format(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == IPV4_LENGTH) {
      return address.getHostAddress();
    }
    return format6(bytes) + zoneOf((Inet6Address) address);
  }

  private static String zoneOf(Inet6Address address) {
    int index = address.getScopeId();
    if (index == 0) {
      return "";
    }
    try {
      NetworkInterface named = NetworkInterface.getByIndex(index);
      return "%" + (named != null ? named.getName() : index);
    } catch (SocketException e) {
      return "%" + index; // the number says the same
    }
  }

  private static String format6(byte[] bytes) {
    if (isMapped(bytes)) {
      return "::ffff:"
          + (bytes[12] & 255)
          + '.'
          + (bytes[13] & 255)
          + '.'
          + (bytes[14] & 255)
          + '.'
          + (bytes[15] & 255);
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((bytes[2 * i] & 255) << 8) | (bytes[2 * i + 1] & 255);
    }
    int gap = -1;
    int gapLength = 1; // a single zero is written
    for (int i = 0; i < 8; i++) {
      int zeros = 0;
      while (i + zeros < 8 && groups[i + zeros] == 0) {
        zeros++;
      }
      if (zeros > gapLength) {
        gap = i;
        gapLength = zeros;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
