package asyncio.net;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A key manager with one key, for engines of any provider.
 *
 * <p>The JDK's own would keep the key encrypted in a store and decrypt it for each handshake, which
 * takes longer than all the rest; and it finds nothing for the engines of others, whose sessions do
 * not tell it what it asks. The key may be one that cannot leave its hardware.
 */
final class OneKey extends X509ExtendedKeyManager {
  private static final String ALIAS = "key";

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  /**
   * Makes one.
   *
   * @param chain the key's certificate, then those that vouch for it
   */
  OneKey(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return key;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.toArray(X509Certificate[]::new);
  }

  // ---- whether it fits

  /**
   * Says whether the key is of a type, and a certificate of its chain from one of the issuers.
   *
   * @param keyType an algorithm; before version 1.3 maybe {@code _} and that of the issuer's key
   * @param issuers null or empty for any
   */
  private boolean fits(String keyType, Principal @Nullable [] issuers) {
    String algorithm = keyType.split("_", 2)[0];
    return algorithm.equalsIgnoreCase(chain.getFirst().getPublicKey().getAlgorithm())
        && (issuers == null
            || issuers.length == 0
            || chain.stream()
                .anyMatch(each -> Arrays.asList(issuers).contains(each.getIssuerX500Principal())));
  }

  private @Nullable String choose(Principal @Nullable [] issuers, String... keyTypes) {
    return Arrays.stream(keyTypes).anyMatch(type -> fits(type, issuers)) ? ALIAS : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(issuers, keyType);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(issuers, keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(issuers, keyType);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(issuers, keyTypes);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return fits(keyType, issuers) ? new String[] {ALIAS} : null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return getServerAliases(keyType, issuers);
  }
}
