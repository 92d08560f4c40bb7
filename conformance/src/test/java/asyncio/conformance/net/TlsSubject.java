package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;

import asyncio.Task;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections with TLS; the near end is the server's. */
abstract class TlsSubject extends Subject {
  private final Wire wire;
  private final ServerOptions serving;
  private final ConnectOptions connecting;

  /**
   * @param version of the protocol; null for the newest
   */
  TlsSubject(Wire wire, @Nullable String version) {
    this(
        wire,
        Tls.serving().withTlsParameters(version == null ? null : Tls.only(version)),
        Tls.connecting());
  }

  TlsSubject(Wire wire, ServerOptions serving, ConnectOptions connecting) {
    this.wire = wire;
    this.serving = serving;
    this.connecting = connecting;
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Tls.bePatient(loop());
    Wire.Channels channels = wire.open(loop());
    Task<Connection<StreamProtocol>> server =
        createTask(() -> loop().connectAcceptedSocket(() -> near, channels.near(), serving));
    Connection<StreamProtocol> client =
        loop().createConnection(() -> far, connecting.withSocket(channels.far()));
    return List.of(await(server).transport(), client.transport());
  }
}
