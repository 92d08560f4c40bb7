package asyncio.net;

/** How {@code getnameinfo} is to name an address; the names are those of the C library. */
public enum NameFlag {
  /** Hosts of this machine's own domain without the domain. */
  NOFQDN,
  /** The host as a literal address; nothing is looked up. */
  NUMERICHOST,
  /** An address without a name is an error, instead of being given as a literal. */
  NAMEREQD,
  /** The service as a number. */
  NUMERICSERV,
  /**
   * The service's name for datagrams, where the two differ: port 514 is {@code syslog}, not {@code
   * shell}.
   */
  DGRAM
}
