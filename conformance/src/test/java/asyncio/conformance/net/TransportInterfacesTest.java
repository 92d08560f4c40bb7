package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.BaseProtocol;
import asyncio.net.BaseTransport;
import asyncio.net.BufferedProtocol;
import asyncio.net.DatagramProtocol;
import asyncio.net.DatagramTransport;
import asyncio.net.Protocol;
import asyncio.net.ReadTransport;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import asyncio.net.WriteTransport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The interfaces of transports and protocols by themselves, as one who implements them sees them.
 */
class TransportInterfacesTest {
  private static final Map<Class<?>, Object> ARGUMENTS =
      Map.of(
          String.class,
          "name",
          int.class,
          1,
          byte[].class,
          new byte[1],
          ByteBuffer.class,
          ByteBuffer.allocate(1),
          Iterable.class,
          List.of(ByteBuffer.allocate(1)),
          BaseProtocol.class,
          new Protocol() {},
          WriteBufferLimits.class,
          WriteBufferLimits.DEFAULT,
          InetSocketAddress.class,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
          java.net.SocketAddress.class,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));

  @Test
  @Spec("TR-1")
  void streamTransportIsAReadAndAWriteTransport() {
    assertThat(Transport.class.getInterfaces())
        .containsExactlyInAnyOrder(ReadTransport.class, WriteTransport.class);
    for (Class<?> kind : List.of(ReadTransport.class, WriteTransport.class)) {
      assertThat(kind.getInterfaces()).containsExactly(BaseTransport.class);
    }
    assertThat(BaseTransport.class).isAssignableFrom(DatagramTransport.class);
  }

  @Test
  @Spec({"TR-49", "TR-42"})
  void everyMethodLeftOutThrows() throws Exception {
    for (BaseTransport bare :
        List.of(
            new BaseTransport() {},
            new ReadTransport() {},
            new WriteTransport() {},
            new Transport() {},
            new DatagramTransport() {})) {
      List<String> refused = new ArrayList<>();
      for (Method method : bare.getClass().getMethods()) {
        if (method.getDeclaringClass().getPackage() == BaseTransport.class.getPackage()
            && !method.getName().equals("getExtraInfo")) {
          assertRefused(bare, method);
          refused.add(method.getName());
        }
      }
      assertThat(refused).contains("close", "isClosing", "setProtocol", "getProtocol");
      assertThat(bare.getExtraInfo("socket")).isNull();
      assertThat(bare.getExtraInfo("socket", "default")).isEqualTo("default");
    }
  }

  private static void assertRefused(BaseTransport bare, Method method) {
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = ARGUMENTS.get(method.getParameterTypes()[i]);
    }
    assertThatThrownBy(
            () -> {
              try {
                method.setAccessible(true);
                method.invoke(bare, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            })
        .as(method.toString())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("is not implemented by");
  }

  @Test
  @Spec("TR-28")
  void linesAreJoinedByATransportThatOnlyWrites() {
    List<String> written = new ArrayList<>();
    WriteTransport transport =
        new WriteTransport() {
          @Override
          public void write(ByteBuffer data) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            written.add(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
          }
        };
    transport.writeLines(
        List.of(
            ByteBuffer.wrap(Witness.bytes("a")),
            ByteBuffer.allocate(0),
            ByteBuffer.wrap(Witness.bytes("bc"))));
    assertThat(written).containsExactly("abc");
    transport.write(Witness.bytes("whole array"));
    assertThat(written).endsWith("whole array");
  }

  @Test
  @Spec("PROTO-21")
  void methodsOfTheProtocolsDoNothing() throws Exception {
    BaseProtocol base = new BaseProtocol() {};
    base.connectionLost(null);
    base.pauseWriting();
    base.resumeWriting();
    Protocol protocol = new Protocol() {};
    protocol.connectionMade(new Transport() {});
    protocol.dataReceived(ByteBuffer.allocate(1));
    assertThat(protocol.eofReceived()).as("close").isFalse();
    BufferedProtocol buffered =
        new BufferedProtocol() {
          @Override
          public ByteBuffer getBuffer(int sizeHint) {
            return ByteBuffer.allocate(1);
          }

          @Override
          public void bufferUpdated(int count) {}
        };
    assertThat(buffered.eofReceived()).isFalse();
    DatagramProtocol datagrams = new DatagramProtocol() {};
    for (Method method : DatagramProtocol.class.getDeclaredMethods()) {
      assertThat(method.isDefault()).as(method.getName()).isTrue();
    }
    datagrams.connectionLost(null);
    assertThat(Set.of(DatagramProtocol.class.getInterfaces())).contains(BaseProtocol.class);
  }

  @Test
  @Spec("TR-23")
  void compilerRefusesWhatIsNoBytes() {
    String given = "Transport transport = new Transport() {}; ";
    Snippet.accepts(given + "transport.write(new byte[1]);");
    Snippet.rejects(given + "transport.write(\"text\");");
    Snippet.rejects(given + "transport.write(1);");
    Snippet.rejects(given + "transport.writeLines(List.of(\"text\"));");
  }
}
