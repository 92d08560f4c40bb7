package asyncio.net;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param headers whether lines such as {@code DEK-Info} stand before the data
 */
record PemBlock(String label, boolean headers, byte[] bytes) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

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
}
