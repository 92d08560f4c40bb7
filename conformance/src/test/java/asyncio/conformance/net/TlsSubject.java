package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;

import asyncio.Task;
import asyncio.net.Connection;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections with TLS; the near end is the server's. */
abstract class TlsSubject extends Subject {
  private final Wire wire;
  private final @Nullable String version;

  /**
   * @param version of the protocol; null for the newest
   */
  TlsSubject(Wire wire, @Nullable String version) {
    this.wire = wire;
    this.version = version;
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Tls.bePatient(loop());
    Wire.Channels channels = wire.open(loop());
    Task<Connection<StreamProtocol>> server =
        createTask(() ->
            loop()
                .connectAcceptedSocket(
                    () -> near,
                    channels.near(),
                    Tls.serving().withTlsParameters(version == null ? null : Tls.only(version))));
    Connection<StreamProtocol> client =
        loop().createConnection(() -> far, Tls.connecting().withSocket(channels.far()));
    return List.of(await(server).transport(), client.transport());
  }
}
