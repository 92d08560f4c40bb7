package rpc;

import asyncio.net.ProtocolLayer;
import asyncio.net.StreamProtocol;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * HTTP as a transport, the client's end: what is written becomes the body of a POST, and the bodies
 * of the responses are what is received, in the order of the requests.
 */
public final class HttpClientLayer extends ProtocolLayer {
  private final HttpMessages<FullHttpResponse> http =
      new HttpMessages<>(FullHttpResponse.class, new HttpClientCodec());
  private final String host;
  private final String path;

  public HttpClientLayer(StreamProtocol above, String host, String path) {
    super(above);
    this.host = host;
    this.path = path;
  }

  @Override
  protected void send(ByteBuffer data) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, path, Unpooled.copiedBuffer(data));
    data.position(data.limit());
    request.headers().set(HttpHeaderNames.HOST, host);
    request.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    HttpUtil.setContentLength(request, request.content().readableBytes());
    http.encode(request, this::writeBelow);
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    List<ByteBuffer> bodies = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    http.decode(
        data,
        response -> {
          if (response.decoderResult().isFailure()) {
            failures.add("this is no HTTP: " + response.decoderResult().cause());
          } else if (response.status().codeClass() != HttpStatusClass.SUCCESS) {
            failures.add("the HTTP server answers: " + response.status());
          } else if (response.content().isReadable()) {
            bodies.add(HttpMessages.line(response.content()));
          }
        });
    for (ByteBuffer body : bodies) {
      deliver(body);
    }
    if (!failures.isEmpty()) {
      throw new IOException(failures.getFirst()); // which ends the connection
    }
  }

  @Override
  public void connectionLost(Throwable exception) throws Exception {
    http.close();
    super.connectionLost(exception);
  }
}
