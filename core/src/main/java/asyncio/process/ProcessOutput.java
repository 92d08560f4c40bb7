package asyncio.process;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a child process wrote; null for a stream that is no pipe.
 *
 * <p>Two outputs are equal only if they are the same object.
 */
public final class ProcessOutput {
  private final byte @Nullable [] stdout;
  private final byte @Nullable [] stderr;

  ProcessOutput(byte @Nullable [] stdout, byte @Nullable [] stderr) {
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** What it wrote to standard output, the very array. */
  public byte @Nullable [] stdout() {
    return stdout;
  }

  /** What it wrote to standard error, the very array. */
  public byte @Nullable [] stderr() {
    return stderr;
  }

  /** As {@link #stdout}, as text; what is no UTF-8 becomes U+FFFD. */
  public @Nullable String stdoutUtf8() {
    return stdout == null ? null : new String(stdout, StandardCharsets.UTF_8);
  }

  /** As {@link #stderr}, as text; what is no UTF-8 becomes U+FFFD. */
  public @Nullable String stderrUtf8() {
    return stderr == null ? null : new String(stderr, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "ProcessOutput[stdout=" + describe(stdout) + ", stderr=" + describe(stderr) + "]";
  }

  private static String describe(byte @Nullable [] bytes) {
    return bytes == null ? "none" : bytes.length + " bytes";
  }
}
