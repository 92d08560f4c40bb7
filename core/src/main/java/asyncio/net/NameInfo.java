package asyncio.net;

/**
 * What an address is called.
 *
 * @param host a name, or a literal address
 * @param service the name of a service, or the number of a port
 */
public record NameInfo(String host, String service) {}
