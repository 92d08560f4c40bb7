package asyncio.net;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param body what stands between the lines with its label
 */
record PemBlock(String label, String body) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  /** The blocks of a text, in its order. */
  static List<PemBlock> all(String text) {
    List<PemBlock> blocks = new ArrayList<>();
    for (Matcher matcher = BLOCK.matcher(text); matcher.find(); ) {
      blocks.add(new PemBlock(matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }

  /** Whether lines such as {@code DEK-Info} stand before the data. */
  boolean hasHeaders() {
    return body.contains(":");
  }

  /**
   * The data.
   *
   * @throws IllegalArgumentException if it is not in Base64
   */
  byte[] bytes() {
    return Base64.getMimeDecoder().decode(body);
  }
}
