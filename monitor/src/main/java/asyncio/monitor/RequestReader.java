package asyncio.monitor;

import asyncio.Suspends;
import asyncio.net.StreamReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.RequestHeaderFieldsTooLargeException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of one connection, one after the other. The bytes are parsed by a library for
 * blocking streams: it reads from a view of the {@link StreamReader}, which suspends the task.
 */
final class RequestReader {
  static final int MAX_LINE = 8 * 1024;
  static final int MAX_HEADERS = 64;
  static final int MAX_BODY = 256 * 1024;

  private static final Http1Config LIMITS =
      Http1Config.custom()
          .setMaxLineLength(MAX_LINE)
          .setMaxHeaderCount(MAX_HEADERS)
          .setMaxEmptyLineCount(4)
          .build();

  private final InputStream in;
  private final SessionInputBufferImpl buffer = new SessionInputBufferImpl(MAX_LINE, MAX_LINE);
  private final DefaultHttpRequestParser parser = new DefaultHttpRequestParser(LIMITS);

  RequestReader(StreamReader reader) {
    in = reader.asInputStream();
  }

  /**
   * The next request; null if the client has closed the connection instead.
   *
   * @throws RefusedException if it is not one that can be answered; nothing more can be read then
   * @throws IOException if the connection has failed
   */
  @Suspends
  @Nullable Request next() throws IOException {
    ClassicHttpRequest head;
    try {
      head = parser.parse(buffer, in);
    } catch (MessageConstraintException | RequestHeaderFieldsTooLargeException e) {
      throw new RefusedException(431, "the head of the request is too large");
    } catch (HttpException | IllegalArgumentException e) {
      throw new RefusedException(400, "this is not a request of HTTP/1.1");
    }
    if (head == null) {
      return null;
    }
    Map<String, String> headers = headersOf(head);
    String body = new String(readBody(headers), StandardCharsets.UTF_8);
    String target = head.getRequestUri();
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    if (!path.startsWith("/")) {
      throw new RefusedException(400, "the target of the request must be a path");
    }
    boolean keepAlive =
        HttpVersion.HTTP_1_1.equals(head.getVersion()) && !mentionsClose(headers.get("connection"));
    Map<String, String> query = question < 0 ? Map.of() : query(target.substring(question + 1));
    return new Request(head.getMethod(), path, query, headers, body, keepAlive);
  }

  private static boolean mentionsClose(@Nullable String connection) {
    return connection != null && connection.toLowerCase(Locale.ROOT).contains("close");
  }

  private static Map<String, String> headersOf(ClassicHttpRequest head) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : head.getHeaders()) {
      String name = header.getName().toLowerCase(Locale.ROOT);
      String value = header.getValue() == null ? "" : header.getValue();
      String before = headers.putIfAbsent(name, value);
      if (before != null) {
        if (name.equals("host") || name.equals("content-length")) {
          throw new RefusedException(400, "the request has two headers " + name);
        }
        headers.put(name, before + ", " + value);
      }
    }
    return headers;
  }

  private byte[] readBody(Map<String, String> headers) throws IOException {
    if (headers.containsKey("transfer-encoding")) {
      throw new RefusedException(411, "send a body with its length, not in chunks");
    }
    String length = headers.get("content-length");
    if (length == null) {
      return new byte[0];
    }
    if (!length.matches("[0-9]{1,18}")) {
      throw new RefusedException(400, "the length of the body is not a number");
    }
    if (Long.parseLong(length) > MAX_BODY) {
      throw new RefusedException(413, "the body has more than " + MAX_BODY + " bytes");
    }
    byte[] body = new byte[Integer.parseInt(length)];
    for (int count = 0; count < body.length; ) {
      int some = buffer.read(body, count, body.length - count, in);
      if (some < 0) {
        throw new RefusedException(400, "the request ended in the middle of its body");
      }
      count += some;
    }
    return body;
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    try {
      for (String pair : text.split("&", -1)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        query.put(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    } catch (IllegalArgumentException e) {
      throw new RefusedException(400, "the parameters of the address are not well formed");
    }
    return query;
  }
}
