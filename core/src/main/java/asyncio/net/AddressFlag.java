package asyncio.net;

/** What {@code getaddrinfo} can be asked for besides; the names are those of the C library. */
public enum AddressFlag {
  /**
   * An absent host stands for all addresses of this machine, to bind to; without it for the
   * loopback.
   */
  PASSIVE,
  /** The first result also names the host in full, see {@link AddressInfo#canonicalName}. */
  CANONNAME,
  /** The host is a literal address; a name is an error, nothing is looked up. */
  NUMERICHOST,
  /** The service is a number; a name is an error. */
  NUMERICSERV,
  /**
   * With the family INET6, and if there is no such address: IPv4 addresses, mapped into IPv6 ones.
   */
  V4MAPPED,
  /** With {@link #V4MAPPED}: IPv4 addresses as well as IPv6 ones. */
  ALL,
  /** Only families of which this machine has an address that is not a loopback one. */
  ADDRCONFIG
}
