package rpc;

import asyncio.net.ProtocolLayer;
import asyncio.net.StreamProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * HTTP as a transport, the server's end: the body of each POST is what is received, one at a time;
 * what is written next becomes the body of its response.
 *
 * <p>If there is nothing to write, {@code getExtraInfo("no_answer")} gives a Runnable that says so:
 * the response has no body then.
 */
public final class HttpServerLayer extends ProtocolLayer {
  private final HttpMessages<FullHttpRequest> http =
      new HttpMessages<>(FullHttpRequest.class, new HttpServerCodec());
  private final ArrayDeque<Request> requests = new ArrayDeque<>();
  private Request open;
  private boolean going;

  /** A request that waits for its turn; refused at once if {@code refusal} is not null. */
  private record Request(ByteBuffer line, boolean keepAlive, HttpResponseStatus refusal) {
    static Request of(FullHttpRequest request) {
      HttpResponseStatus refusal = null;
      if (request.decoderResult().isFailure()) {
        refusal = HttpResponseStatus.BAD_REQUEST;
      } else if (!request.method().equals(HttpMethod.POST)) {
        refusal = HttpResponseStatus.METHOD_NOT_ALLOWED;
      } else if (!request.content().isReadable()) {
        refusal = HttpResponseStatus.BAD_REQUEST;
      }
      boolean keepAlive = HttpUtil.isKeepAlive(request) && !request.decoderResult().isFailure();
      return new Request(HttpMessages.line(request.content()), keepAlive, refusal);
    }
  }

  public HttpServerLayer(StreamProtocol above) {
    super(above);
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    http.decode(data, request -> requests.add(Request.of(request)));
    http.encode(null, this::writeBelow);
    go();
  }

  /** Has the next request dealt with, if none is. */
  private void go() throws Exception {
    if (going) {
      return; // it was answered at once: the loop below goes on
    }
    going = true;
    try {
      while (open == null && !requests.isEmpty()) {
        open = requests.remove();
        holdInput(false);
        if (open.refusal() != null) {
          respond(open.refusal(), Unpooled.EMPTY_BUFFER);
        } else {
          deliver(open.line());
        }
      }
      holdInput(!requests.isEmpty()); // enough is read for now
    } finally {
      going = false;
    }
  }

  @Override
  protected void send(ByteBuffer data) {
    if (open == null) {
      throw new IllegalStateException(
          "a server of HTTP cannot begin: write once for each request that was received");
    }
    ByteBuf body = Unpooled.copiedBuffer(data);
    data.position(data.limit());
    respond(HttpResponseStatus.OK, body);
    goOn();
  }

  private void noAnswer() {
    if (open != null) {
      respond(HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER);
      goOn();
    }
  }

  private void goOn() {
    try {
      go();
    } catch (Exception e) {
      throw new IllegalStateException("the next request failed", e);
    }
  }

  private void respond(HttpResponseStatus status, ByteBuf body) {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    if (!status.equals(HttpResponseStatus.NO_CONTENT)) {
      HttpUtil.setContentLength(response, body.readableBytes());
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    }
    boolean keepAlive = open.keepAlive();
    HttpUtil.setKeepAlive(response, keepAlive);
    http.encode(response, this::writeBelow);
    open = null;
    if (!keepAlive) {
      requests.clear();
      transport().close();
    }
  }

  @Override
  protected Object extraInfo(String name) {
    Runnable noAnswer = this::noAnswer;
    return name.equals(JsonRpc.NO_ANSWER) ? noAnswer : null;
  }

  @Override
  public void connectionLost(Throwable exception) throws Exception {
    requests.clear();
    http.close();
    super.connectionLost(exception);
  }
}
