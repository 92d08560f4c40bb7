package asyncio.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes a key of what a PEM block holds. */
final class PemKey {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS", "XDH");
  private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int EC_PARAMETERS = 0xa0;

  private PemKey() {}

  static PrivateKey decode(PemBlock block, char @Nullable [] password)
      throws GeneralSecurityException {
    if (block.headers()) {
      throw new InvalidKeyException(
          "it is encrypted in the old way of PEM (DEK-Info); convert it: openssl pkcs8 -topk8 -in"
              + " OLD -out NEW");
    }
    return switch (block.label()) {
      case "PRIVATE KEY" -> fromPkcs8(block.bytes());
      case "ENCRYPTED PRIVATE KEY" -> fromPkcs8(decrypt(block.bytes(), password));
      case "RSA PRIVATE KEY" -> fromPkcs8(wrap(RSA, block.bytes()));
      case "EC PRIVATE KEY" -> fromPkcs8(wrap(join(EC, curve(block.bytes())), block.bytes()));
      default ->
          throw new InvalidKeyException("a block of type '" + block.label() + "' is unknown");
    };
  }

  private static PrivateKey fromPkcs8(byte[] bytes) throws GeneralSecurityException {
    InvalidKeySpecException refused = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
      } catch (InvalidKeySpecException e) {
        refused = refused == null ? e : refused;
      }
    }
    throw new InvalidKeyException("it is none of " + ALGORITHMS, refused);
  }

  private static byte[] decrypt(byte[] bytes, char @Nullable [] password)
      throws GeneralSecurityException {
    if (password == null) {
      throw new InvalidKeyException("it is encrypted; give its password");
    }
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(bytes);
      Cipher cipher = Cipher.getInstance(info.getAlgName());
      PBEKeySpec spec = new PBEKeySpec(password);
      try {
        cipher.init(
            Cipher.DECRYPT_MODE,
            SecretKeyFactory.getInstance(info.getAlgName()).generateSecret(spec),
            info.getAlgParameters());
        return info.getKeySpec(cipher).getEncoded();
      } catch (InvalidKeySpecException e) {
        throw new InvalidKeyException("the password is wrong, or the data is damaged", e);
      } finally {
        spec.clearPassword();
      }
    } catch (IOException e) {
      throw new InvalidKeyException("its encryption cannot be read: " + e.getMessage(), e);
    }
  }

  // ---- the little of DER that turns the older forms into PKCS#8

  /** A PKCS#8 key: version 0, the algorithm, and the key in its own form. */
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, join(VERSION_0, join(der(SEQUENCE, algorithm), der(OCTET_STRING, key))));
  }

  /** The curve that a SEC1 key names in its field with tag 0. */
  private static byte[] curve(byte[] sec1) throws InvalidKeyException {
    int at = 1 + lengthBytes(sec1, 1); // into the sequence
    while (at + 1 < sec1.length) {
      int start = at + 1 + lengthBytes(sec1, at + 1);
      int length = length(sec1, at + 1);
      if ((sec1[at] & 0xff) == EC_PARAMETERS) {
        return Arrays.copyOfRange(sec1, start, start + length);
      }
      at = start + length;
    }
    throw new InvalidKeyException(
        "it does not name its curve; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW");
  }

  private static int lengthBytes(byte[] der, int at) {
    return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7f);
  }

  private static int length(byte[] der, int at) {
    if (der[at] >= 0) {
      return der[at];
    }
    int length = 0;
    for (int i = 1; i <= (der[at] & 0x7f); i++) {
      length = (length << 8) | (der[at + i] & 0xff);
    }
    return length;
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    if (length < 128) {
      out.write(length);
    } else {
      int bytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(length >> (8 * i));
      }
    }
    return join(out.toByteArray(), content);
  }

  private static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      out.write(first);
      out.write(second);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // does not happen in memory
    }
    return out.toByteArray();
  }
}
