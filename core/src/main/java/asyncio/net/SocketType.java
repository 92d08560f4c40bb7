package asyncio.net;

/** The kind of a socket. */
public enum SocketType {
  /** A stream of bytes. */
  STREAM,
  /** Datagrams. */
  DGRAM
}
