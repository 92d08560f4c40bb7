package asyncio.monitor;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is sent back: status, type, further headers and the body. */
record Response(int status, String type, Map<String, String> headers, String body) {

  /**
   * The page may load what this server has, and nothing from anywhere else; nobody may frame it, or
   * load parts of it into a page of their own.
   */
  private static final Map<String, String> ALWAYS =
      Map.of(
          "Cache-Control", "no-store",
          "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                  + " img-src 'self' data:; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Referrer-Policy", "no-referrer",
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY");

  static Response text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text);
  }

  static Response json(String json) {
    return of(200, "application/json", json);
  }

  static Response of(int status, String type, String text) {
    return new Response(status, type, Map.of(), text);
  }

  Response with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Response(status, type, more, body);
  }

  /** The bytes to send; without the body itself in answer to HEAD. */
  byte[] encode(boolean keepAlive, boolean withBody) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        head(status, type, headers)
            .append("Content-Length: ")
            .append(bytes.length)
            .append("\r\nConnection: ")
            .append(keepAlive ? "keep-alive" : "close")
            .append("\r\n\r\n")
            .toString()
            .getBytes(StandardCharsets.ISO_8859_1);
    if (!withBody) {
      return head;
    }
    byte[] all = new byte[head.length + bytes.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    return all;
  }

  /** The head of an event stream, which ends with the connection. */
  static byte[] eventStreamHead() {
    return head(200, "text/event-stream", Map.of())
        .append("Connection: close\r\n\r\n")
        .toString()
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static StringBuilder head(int status, String type, Map<String, String> headers) {
    StringBuilder text = new StringBuilder(600);
    text.append("HTTP/1.1 ").append(status).append(' ').append(reason(status)).append("\r\n");
    text.append("Content-Type: ").append(type).append("\r\n");
    ALWAYS.forEach((name, value) -> header(text, name, value));
    headers.forEach((name, value) -> header(text, name, value));
    return text;
  }

  private static void header(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append("\r\n");
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 411 -> "Length Required";
      case 413 -> "Content Too Large";
      case 421 -> "Misdirected Request";
      case 431 -> "Request Header Fields Too Large";
      case 503 -> "Service Unavailable";
      default -> "Error";
    };
  }
}
