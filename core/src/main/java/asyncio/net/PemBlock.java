package asyncio.net;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of a PEM file (RFC 7468). */
final class PemBlock {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private final String label;
  private final boolean headers;
  private final byte[] bytes;

  private PemBlock(String label, boolean headers, byte[] bytes) {
    this.label = label;
    this.headers = headers;
    this.bytes = bytes;
  }

  /** The blocks of a text, in its order. */
  static List<PemBlock> all(String text) {
    List<PemBlock> blocks = new ArrayList<>();
    for (Matcher matcher = BLOCK.matcher(text); matcher.find(); ) {
      String body = matcher.group(2);
      boolean headers = body.contains(":");
      byte[] bytes = headers ? new byte[0] : Base64.getMimeDecoder().decode(body);
      blocks.add(new PemBlock(matcher.group(1), headers, bytes));
    }
    return blocks;
  }

  String label() {
    return label;
  }

  /** Whether lines such as {@code DEK-Info} stand before the data. */
  boolean headers() {
    return headers;
  }

  /** The data; not to be changed. */
  byte[] bytes() {
    return bytes;
  }
}
