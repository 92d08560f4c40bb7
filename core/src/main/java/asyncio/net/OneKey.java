package asyncio.net;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A key manager that has its only key at hand; another one decides whether it fits.
 *
 * <p>The JDK's would decrypt the key anew for each handshake, which takes longer than all the rest.
 */
final class OneKey extends X509ExtendedKeyManager {
  private final X509ExtendedKeyManager chooser;
  private final List<X509Certificate> chain;
  private final PrivateKey key;

  /**
   * Makes one of a chain and its key.
   *
   * @param chooser has this key too, and no other
   */
  OneKey(X509ExtendedKeyManager chooser, List<X509Certificate> chain, PrivateKey key) {
    this.chooser = chooser;
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

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooser.chooseEngineServerAlias(keyType, issuers, engine);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooser.chooseEngineClientAlias(keyTypes, issuers, engine);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooser.chooseServerAlias(keyType, issuers, socket);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooser.chooseClientAlias(keyTypes, issuers, socket);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return chooser.getServerAliases(keyType, issuers);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return chooser.getClientAliases(keyType, issuers);
  }
}
