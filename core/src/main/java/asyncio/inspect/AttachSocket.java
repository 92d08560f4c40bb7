package asyncio.inspect;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The socket over which this JVM takes commands from tools such as {@code jcmd}. The commands about
 * its management agent are open to nobody else, not even to its own code.
 */
final class AttachSocket {
  private AttachSocket() {}

  /** Runs a command of {@code jcmd} in this JVM and gives its output. */
  static String run(String command) throws IOException {
    // Version of the protocol, the operation and its three arguments, each ended by a zero.
    byte[] request = ("1\0jcmd\0" + command + "\0\0\0").getBytes(StandardCharsets.UTF_8);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      ByteBuffer bytes = ByteBuffer.wrap(request);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("0\n")) {
        throw new IOException(command + ": " + answer);
      }
      return answer;
    }
  }

  /** It is there since somebody attached. */
  private static Path path() throws IOException {
    String name = ".java_pid" + ProcessHandle.current().pid();
    for (String folder : List.of("/tmp", System.getProperty("java.io.tmpdir"))) {
      Path path = Path.of(folder, name);
      if (Files.exists(path)) {
        return path;
      }
    }
    throw new IOException("no socket " + name);
  }
}
