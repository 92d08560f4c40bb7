package asyncio.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
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
  private static final int LONG_LENGTH = 0x80;
  private static final int LONGEST_LENGTH = 3;
  private static final String CONVERT = "; convert it: openssl pkcs8 -topk8 -in OLD -out NEW";

  private PemKey() {}

  static PrivateKey decode(PemBlock block, char @Nullable [] password)
      throws GeneralSecurityException {
    if (block.hasHeaders()) {
      throw new InvalidKeyException("it is encrypted in the old way of PEM (DEK-Info)" + CONVERT);
    }
    byte[] bytes = block.bytes();
    return switch (block.label()) {
      case "PRIVATE KEY" -> fromPkcs8(bytes);
      case "ENCRYPTED PRIVATE KEY" -> fromPkcs8(decrypt(bytes, password));
      case "RSA PRIVATE KEY" -> fromPkcs8(wrap(RSA, bytes));
      case "EC PRIVATE KEY" -> fromPkcs8(wrap(join(EC, curve(bytes)), bytes));
      default ->
          throw new InvalidKeyException(
              "a block of type '" + block.label() + "' is unknown" + CONVERT);
    };
  }

  private static PrivateKey fromPkcs8(byte[] bytes) throws GeneralSecurityException {
    InvalidKeyException refused = new InvalidKeyException("it is none of " + ALGORITHMS);
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
      } catch (InvalidKeySpecException e) {
        refused.addSuppressed(e);
      }
    }
    throw refused;
  }

  private static byte[] decrypt(byte[] bytes, char @Nullable [] password)
      throws GeneralSecurityException {
    if (password == null) {
      throw new InvalidKeyException("it is encrypted; give its password");
    }
    PBEKeySpec spec = new PBEKeySpec(password);
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(bytes);
      Cipher cipher = Cipher.getInstance(info.getAlgName());
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(info.getAlgName()).generateSecret(spec),
          info.getAlgParameters());
      return info.getKeySpec(cipher).getEncoded();
    } catch (InvalidKeySpecException e) {
      throw new InvalidKeyException("the password is wrong, or the data is damaged", e);
    } catch (NoSuchAlgorithmException | IOException e) {
      throw new InvalidKeyException(
          "this JDK does not know its encryption (" + e.getMessage() + ")" + CONVERT, e);
    } finally {
      spec.clearPassword();
    }
  }

  // ---- the little of DER that turns the older forms into PKCS#8

  /** A PKCS#8 key: version 0, the algorithm, and the key in its own form. */
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, join(VERSION_0, join(der(SEQUENCE, algorithm), der(OCTET_STRING, key))));
  }

  /** The curve that a SEC1 key names in its field with tag 0. */
  private static byte[] curve(byte[] sec1) throws InvalidKeyException {
    try {
      ByteBuffer outside = ByteBuffer.wrap(sec1);
      outside.get(); // the tag of the sequence
      for (ByteBuffer fields = value(outside); fields.hasRemaining(); ) {
        int tag = Byte.toUnsignedInt(fields.get());
        ByteBuffer value = value(fields);
        if (tag == EC_PARAMETERS) {
          byte[] curve = new byte[value.remaining()];
          value.get(curve);
          return curve;
        }
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new InvalidKeyException("its data is damaged", e);
    }
    throw new InvalidKeyException("it does not name its curve" + CONVERT);
  }

  /** The value at the position, behind its tag: a length and so many bytes. */
  private static ByteBuffer value(ByteBuffer from) {
    int length = Byte.toUnsignedInt(from.get());
    if (length >= LONG_LENGTH) {
      int bytes = length - LONG_LENGTH;
      if (bytes > LONGEST_LENGTH) {
        throw new IndexOutOfBoundsException("a length of " + bytes + " bytes");
      }
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = length << 8 | Byte.toUnsignedInt(from.get());
      }
    }
    ByteBuffer value = from.slice(from.position(), length);
    from.position(from.position() + length);
    return value;
  }

  private static byte[] der(int tag, byte[] content) {
    int length = content.length;
    byte[] header;
    if (length < LONG_LENGTH) {
      header = new byte[] {(byte) tag, (byte) length};
    } else {
      int bytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
      header = new byte[2 + bytes];
      header[0] = (byte) tag;
      header[1] = (byte) (LONG_LENGTH | bytes);
      for (int i = 0; i < bytes; i++) {
        header[2 + i] = (byte) (length >> (8 * (bytes - 1 - i)));
      }
    }
    return join(header, content);
  }

  private static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }
}
