package asyncio.net;

/**
 * What a TLS connection is encrypted with: the value of {@code getExtraInfo("cipher")}.
 *
 * @param name of the cipher suite, such as {@code TLS_AES_256_GCM_SHA384}
 * @param protocol the version of TLS, such as {@code TLSv1.3}
 */
public record TlsCipher(String name, String protocol) {}
