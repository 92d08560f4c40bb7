package asyncio.monitor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection to a monitor that sends just the bytes that a test wants. */
final class Client implements AutoCloseable {
  private static final int READ_LIMIT_MS = 30_000;

  private final Socket socket;

  Client(Monitor monitor) throws IOException {
    socket =
        new Socket(InetAddress.getByName(monitor.address().getHost()), monitor.address().getPort());
    socket.setSoTimeout(READ_LIMIT_MS);
  }

  /** Sends one request on a connection of its own; returns the whole answer. */
  static Answer ask(Monitor monitor, String request, String... headers) throws IOException {
    return ask(monitor, request, "", headers);
  }

  /** As {@link #ask(Monitor, String, String...)}, with a body. */
  static Answer ask(Monitor monitor, String request, String body, String[] headers)
      throws IOException {
    try (Client client = new Client(monitor)) {
      StringBuilder text = new StringBuilder(request).append(" HTTP/1.1\r\n");
      boolean hasHost = false;
      for (String header : headers) {
        hasHost |= header.toLowerCase(Locale.ROOT).startsWith("host:");
        text.append(header).append("\r\n");
      }
      if (!hasHost) {
        text.append("Host: localhost\r\n");
      }
      text.append("Connection: close\r\nContent-Length: ").append(body.length()).append("\r\n\r\n");
      client.send(text.append(body).toString());
      return client.readAnswer();
    }
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Everything up to the end of the connection, however that comes about. */
  String readAll() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[4096];
    try {
      InputStream in = socket.getInputStream();
      for (int count; (count = in.read(some)) >= 0; ) {
        all.write(some, 0, count);
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the connection is still open", e);
    } catch (IOException e) {
      // Reset: the other end did not want to read all that was sent.
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /** Reads until {@code text} has come; fails if the connection ends before. */
  String readUntil(String text) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (!all.toString(StandardCharsets.UTF_8).endsWith(text)) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new AssertionError("the end came after: " + all.toString(StandardCharsets.UTF_8));
      }
      all.write(next);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  Answer readAnswer() {
    return Answer.of(readAll());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** An answer, with its head as it was sent. */
  record Answer(int status, String head, String body) {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

    static Answer of(String text) {
      Matcher status = STATUS.matcher(text);
      if (!status.lookingAt()) {
        throw new AssertionError("this is no answer: " + text);
      }
      int end = text.indexOf("\r\n\r\n");
      return new Answer(
          Integer.parseInt(status.group(1)), text.substring(0, end), text.substring(end + 4));
    }
  }
}
