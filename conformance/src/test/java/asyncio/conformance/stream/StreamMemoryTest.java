package asyncio.conformance.stream;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.feed;
import static asyncio.conformance.stream.Texts.text;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.conformance.Memory;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.testkit.LoopTest;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What a reader keeps, and what it copies. */
class StreamMemoryTest {
  /** Has the reader take over an array that begins with {@code text}. */
  private WeakReference<byte[]> receive(StreamReader reader, String text, int length) {
    byte[] array = Arrays.copyOf(bytes(text), length);
    new StreamReaderProtocol(reader).dataReceived(ByteBuffer.wrap(array));
    return new WeakReference<>(array);
  }

  @LoopTest
  void readOfAllThatArrivedCopiesNothing() throws Exception {
    var reader = new StreamReader();
    byte[] array = bytes("message");
    new StreamReaderProtocol(reader).dataReceived(ByteBuffer.wrap(array));
    assertThat(reader.read(100)).isSameAs(array);
    new StreamReaderProtocol(reader).dataReceived(ByteBuffer.wrap(array));
    assertThat(reader.readExactly(7)).isSameAs(array);
  }

  @LoopTest
  void emptyReaderKeepsNoArray() throws Exception {
    var reader = new StreamReader();
    WeakReference<byte[]> array = receive(reader, "line\n", 5);
    assertThat(reader.readUtf8Line()).isEqualTo("line");
    Memory.awaitCleared(array);
  }

  @LoopTest
  void readerThatWaitsKeepsNoBigArrayForAFewBytes() throws Exception {
    var reader = new StreamReader();
    WeakReference<byte[]> array = receive(reader, "", 60_000);
    reader.readExactly(59_990);
    Task<byte[]> waiting = createTask(() -> reader.readExactly(15));
    turn();
    Memory.awaitCleared(array);
    feed(reader, "later");
    assertThat(text(await(waiting))).isEqualTo("\0".repeat(10) + "later");
  }
}
