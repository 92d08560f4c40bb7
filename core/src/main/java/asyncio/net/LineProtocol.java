package asyncio.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A protocol of lines, to be subclassed: {@link #lineReceived} gets each line without its end, CR
 * LF at first (spec HER-42 to HER-46). In raw mode {@link #rawDataReceived} gets the bytes as they
 * come.
 *
 * <p>A line may have 16,384 bytes at first. A longer one, or what has come of it, is given to
 * {@link #lineLengthExceeded}.
 */
public abstract class LineProtocol extends ChunkProtocol {
  private static final byte[] CR_LF = {'\r', '\n'};
  private static final int MAX_LENGTH = 16_384;

  private boolean raw;

  /** Makes a protocol for one connection. */
  @SuppressWarnings("this-escape") // called with the first line, long after
  protected LineProtocol() {
    super(CR_LF, _ -> {});
    setHandler(this::lineReceived);
    setLimit(MAX_LENGTH);
    setExcessHandler(this::lineLengthExceeded);
  }

  /** A line has come, perhaps an empty one. */
  protected abstract void lineReceived(byte[] line) throws Exception;

  /** Bytes have come in raw mode; between position and limit, in an array of their own. */
  protected void rawDataReceived(ByteBuffer data) throws Exception {}

  /** A line is too long; closes the connection unless it is overridden. */
  protected void lineLengthExceeded(byte[] beginning) throws Exception {
    Transport open = transport();
    if (open != null) {
      open.close();
    }
  }

  /**
   * Sends a line and its end.
   *
   * @throws IllegalStateException if there is no connection yet
   */
  public final void sendLine(byte[] line) {
    writeChunk(line);
  }

  /** Sends a line of text in UTF-8, and its end. */
  public final void sendLineUtf8(String line) {
    writeChunk(line.getBytes(StandardCharsets.UTF_8));
  }

  /** Hands all further bytes to {@link #rawDataReceived}, those that have come already first. */
  public final void setRawMode() {
    raw = true;
  }

  /**
   * Takes lines again.
   *
   * @param rest what {@link #rawDataReceived} has not used; it is cut into lines
   */
  public final void setLineMode(ByteBuffer rest) throws Exception {
    raw = false;
    super.dataReceived(rest);
    passOnRaw();
  }

  @Override
  final boolean mayDeliver() {
    return !raw && super.mayDeliver();
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    if (raw) {
      rawDataReceived(data);
    } else {
      super.dataReceived(data);
      passOnRaw();
    }
  }

  /** What came behind the line that has switched to raw mode. */
  private void passOnRaw() throws Exception {
    if (raw && head < tail) {
      rawDataReceived(ByteBuffer.wrap(takeRest()));
    }
  }

  @Override
  public void readingResumed() throws Exception {
    super.readingResumed();
    passOnRaw();
  }
}
