package asyncio.internal.loop;

import asyncio.net.BaseProtocol;
import org.jspecify.annotations.Nullable;

/**
 * An open transport as metrics see it; with TLS on top both taken together.
 *
 * <p><b>Threading:</b> any thread may ask, and hears what is or was a moment ago.
 */
public interface MeteredTransport {

  /** In a word: "socket", "pipe", "datagram". */
  String kind();

  /** Where it begins, as text; null if it has no name. */
  @Nullable String localEnd();

  /** Where it ends, as text; null if it has no fixed other end. */
  @Nullable String otherEnd();

  /** The protocol of the user's, above TLS; null at the end. */
  @Nullable BaseProtocol talksTo();

  /** What it has received and sent. */
  Traffic traffic();

  /** How many bytes it keeps because they could not be sent yet. */
  long keptBytes();

  /** With more bytes than this it asks its protocol to wait. */
  int highMark();

  /** Whether it has asked its protocol to wait. */
  boolean hasPausedWriting();

  /** Whether it reads, or would if there was something to read. */
  boolean isReading();
}
