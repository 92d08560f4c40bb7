package asyncio.conformance.stream;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.feed;
import static asyncio.conformance.stream.Texts.text;
import static asyncio.conformance.stream.Texts.turn;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.net.StreamWriter;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Readers and writers as the streams and channels that parsers and serializers know. */
class StreamViewsTest {

  private interface Writes {
    void to(OutputStream out) throws Exception;
  }

  private interface Parses<T> {
    T from(InputStream in) throws Exception;
  }

  private static byte[] written(Writes writes) throws Exception {
    var bytes = new ByteArrayOutputStream();
    writes.to(bytes);
    return bytes.toByteArray();
  }

  /** Has a task parse {@code data}, which arrives a byte at a time, with a turn before each. */
  private static <T> T parse(byte[] data, Parses<T> parser) throws Exception {
    var reader = new StreamReader();
    Coroutine<T> parsing = () -> parser.from(reader.asInputStream());
    Task<T> task = createTask(parsing);
    for (byte each : data) {
      turn();
      reader.feedData(new byte[] {each});
    }
    reader.feedEof();
    return await(task);
  }

  // ---- parsers

  @LoopTest
  void linesOfABufferedReader() throws Exception {
    List<String> lines =
        parse(
            "grün\nrot\r\nblau".getBytes(UTF_8),
            in -> new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList());
    assertThat(lines).containsExactly("grün", "rot", "blau");
  }

  @LoopTest
  void dataOfADataInputStream() throws Exception {
    byte[] data =
        written(out -> {
          var to = new DataOutputStream(out);
          to.writeUTF("grün");
          to.writeLong(-5);
          to.writeDouble(Math.PI);
        });
    List<Object> got =
        parse(
            data,
            in -> {
              var from = new DataInputStream(in);
              List<Object> values =
                  new ArrayList<>(List.of(from.readUTF(), from.readLong(), from.readDouble()));
              assertThrows(EOFException.class, from::readByte);
              return values;
            });
    assertThat(got).containsExactly("grün", -5L, Math.PI);
  }

  @LoopTest
  void objectsOfAnObjectInputStream() throws Exception {
    byte[] data = written(out -> new ObjectOutputStream(out).writeObject(List.of("a", 1)));
    Object parsed = parse(data, in -> new ObjectInputStream(in).readObject());
    assertThat(parsed).isEqualTo(List.of("a", 1));
  }

  @LoopTest
  void compressedData() throws Exception {
    String content = "compress me ".repeat(300);
    byte[] gzip =
        written(out -> {
          try (var to = new GZIPOutputStream(out)) {
            to.write(bytes(content));
          }
        });
    assertThat(text(parse(gzip, in -> new GZIPInputStream(in).readAllBytes()))).isEqualTo(content);
    byte[] zip =
        written(out -> {
          try (var to = new ZipOutputStream(out)) {
            to.putNextEntry(new ZipEntry("one"));
            to.write(bytes(content));
            to.putNextEntry(new ZipEntry("two"));
          }
        });
    List<String> entries =
        parse(
            zip,
            in -> {
              var from = new ZipInputStream(in);
              List<String> names = new ArrayList<>();
              for (ZipEntry entry = from.getNextEntry();
                  entry != null;
                  entry = from.getNextEntry()) {
                names.add(entry.getName() + " " + from.readAllBytes().length);
              }
              return names;
            });
    assertThat(entries).containsExactly("one " + content.length(), "two 0");
  }

  @LoopTest
  void wordsOfAScannerAndProperties() throws Exception {
    List<String> words = parse(bytes("1 two 3"), in -> new Scanner(in, UTF_8).tokens().toList());
    assertThat(words).containsExactly("1", "two", "3");
    Properties properties =
        parse(
            bytes("a = b\nc = d\n"),
            in -> {
              var into = new Properties();
              into.load(in);
              return into;
            });
    assertThat(properties).containsOnlyKeys("a", "c").containsEntry("c", "d");
  }

  @LoopTest
  void otherTasksRunWhileAParserWaits() {
    var reader = new StreamReader();
    var lines = new BufferedReader(new InputStreamReader(reader.asInputStream(), UTF_8));
    List<String> trail = new ArrayList<>();
    Task<?> parser = createTask(() -> trail.add(lines.readLine()));
    turn();
    trail.add("meanwhile");
    feed(reader, "line\n");
    await(parser);
    assertThat(trail).containsExactly("meanwhile", "line");
  }

  // ---- the input stream itself

  @LoopTest
  void inputGivesWhatIsThere() throws Exception {
    var reader = new StreamReader();
    feed(reader, "abcdef\u00ff");
    InputStream in = reader.asInputStream();
    assertThat(in.available()).isEqualTo(7);
    assertThat(in.read()).isEqualTo('a');
    byte[] target = new byte[10];
    assertThat(in.read(target, 2, 0)).isZero();
    assertThat(in.read(target, 2, 3)).isEqualTo(3);
    assertThat(text(target)).isEqualTo("\0\0bcd\0\0\0\0\0");
    assertThat(in.skip(2)).isEqualTo(2);
    assertThat(in.skip(0)).isZero();
    assertThat(in.read()).isEqualTo(255);
    reader.feedEof();
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.read(target)).isEqualTo(-1);
    assertThat(in.skip(5)).isZero();
    assertThat(in.available()).isZero();
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, 8, 3));
  }

  @LoopTest
  void skipWaitsForAllOfIt() {
    var reader = new StreamReader();
    Task<Long> skip = createTask(() -> reader.asInputStream().skip(5));
    for (String piece : List.of("12", "34", "56")) {
      turn();
      assertThat(skip.isDone()).isFalse();
      feed(reader, piece);
    }
    assertThat(await(skip)).isEqualTo(5);
    assertThat(reader.toString()).contains("1 bytes");
  }

  @LoopTest
  void viewsShareTheReader() throws Exception {
    var reader = new StreamReader();
    feed(reader, "header\nbody of 10\n");
    assertThat(reader.readUtf8Line()).isEqualTo("header");
    assertThat(text(reader.asInputStream().readNBytes(4))).isEqualTo("body");
    var target = ByteBuffer.allocate(100);
    assertThat(reader.asChannel().read(target)).isEqualTo(7);
    assertThat(text(reader.asInputStream().readNBytes(0))).isEmpty();
    reader.feedEof();
    assertThat(reader.asChannel().read(target)).isEqualTo(-1);
  }

  @LoopTest
  void closingAViewOfAReaderClosesNothingElse() throws Exception {
    var reader = new StreamReader();
    feed(reader, "abc");
    InputStream in = reader.asInputStream();
    in.close();
    in.close();
    assertThrows(IOException.class, in::read).hasMessageContaining("closed");
    assertThrows(IOException.class, in::available);
    ReadableByteChannel channel = reader.asChannel();
    assertThat(channel.isOpen()).isTrue();
    channel.close();
    assertThat(channel.isOpen()).isFalse();
    assertThrows(ClosedChannelException.class, () -> channel.read(ByteBuffer.allocate(1)));
    assertThat(text(reader.read(3))).isEqualTo("abc");
  }

  @LoopTest
  void readerAsAChannel() throws Exception {
    var reader = new StreamReader();
    ReadableByteChannel channel = reader.asChannel();
    assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
    Task<String> reading =
        createTask(() -> {
          var in = new BufferedReader(Channels.newReader(channel, UTF_8));
          return in.readLine() + "/" + in.readLine();
        });
    turn();
    feed(reader, "one\ntw");
    turn();
    feed(reader, "o\n");
    reader.feedEof();
    assertThat(await(reading)).isEqualTo("one/two");
  }

  @LoopTest
  void viewsOutsideATaskFailAtOnce(EventLoop loop) throws Exception {
    var reader = new StreamReader();
    feed(reader, "abc");
    var transport = new FakeTransport();
    StreamWriter writer = writer(transport);
    List<String> trail = new ArrayList<>();
    loop.callSoon(() -> {
      assertThrows(IllegalStateException.class, () -> reader.asInputStream().read());
      assertThrows(
          IllegalStateException.class, () -> reader.asChannel().read(ByteBuffer.allocate(1)));
      assertThrows(IllegalStateException.class, () -> writer.asOutputStream().write(1))
          .hasMessageContaining("write()");
      assertThrows(
          IllegalStateException.class, () -> writer.asChannel().write(ByteBuffer.allocate(1)));
      trail.add("refused");
    });
    turn();
    assertThat(trail).containsExactly("refused");
    assertThat(transport.trail).isEmpty();
  }

  // ---- serializers

  private StreamReaderProtocol protocol;

  private StreamWriter writer(FakeTransport transport) throws Exception {
    var reader = new StreamReader();
    protocol = new StreamReaderProtocol(reader);
    protocol.connectionMade(transport);
    return new StreamWriter(transport, protocol, reader);
  }

  @LoopTest
  void serializersWriteToTheTransport() throws Exception {
    var transport = new FakeTransport();
    StreamWriter writer = writer(transport);
    var out = new DataOutputStream(writer.asOutputStream());
    out.write('a');
    out.writeShort('b' << 8 | 'c');
    out.write(bytes("xdefx"), 1, 3);
    out.flush();
    var text = new PrintWriter(new BufferedOutputStream(writer.asOutputStream()), false, UTF_8);
    text.printf("%d-%s", 5, "x");
    text.flush();
    assertThat(text.checkError()).isFalse();
    assertThat(String.join(",", transport.trail)).isEqualTo("write a,write bc,write def,write 5-x");
  }

  @LoopTest
  void serializerWaitsWhileTooMuchIsKept(LoopProbe probe) throws Exception {
    var transport = new FakeTransport();
    StreamWriter writer = writer(transport);
    Task<?> serializer =
        createTask(() -> {
          OutputStream out = writer.asOutputStream();
          out.write(bytes("one"));
          out.write(bytes("two"));
          out.flush();
          transport.trail.add("flushed");
        });
    protocol.pauseWriting();
    probe.runUntilAllBlocked();
    assertThat(transport.trail).containsExactly("write one");
    protocol.resumeWriting();
    await(serializer);
    assertThat(transport.trail).containsExactly("write one", "write two", "flushed");
  }

  @LoopTest
  void bigWriteGoesInPiecesSoThatItDoesNotPileUp(LoopProbe probe) throws Exception {
    List<Integer> pieces = new ArrayList<>();
    StreamWriter writer =
        writer(
            new FakeTransport() {
              @Override
              public void write(ByteBuffer data) {
                pieces.add(data.remaining());
                data.position(data.limit());
                protocol.pauseWriting();
              }
            });
    var data = ByteBuffer.allocate(150_000);
    Task<Integer> writing = createTask(() -> writer.asChannel().write(data));
    probe.runUntilAllBlocked();
    assertThat(pieces).containsExactly(65536);
    while (!writing.isDone()) {
      protocol.resumeWriting();
      probe.runUntilAllBlocked();
    }
    assertThat(pieces).containsExactly(65536, 65536, 150_000 - 2 * 65536);
    assertThat(await(writing)).isEqualTo(150_000);
    assertThat(data.hasRemaining()).isFalse();
  }

  @LoopTest
  void serializerHearsOfALoss() throws Exception {
    StreamWriter writer = writer(new FakeTransport());
    OutputStream out = writer.asOutputStream();
    out.write(1);
    protocol.connectionLost(new IOException("broken"));
    assertThrows(IOException.class, () -> out.write(1)).hasMessage("broken");
  }

  @LoopTest
  void closingAViewOfAWriterClosesNothingElse() throws Exception {
    var transport = new FakeTransport();
    StreamWriter writer = writer(transport);
    OutputStream out = writer.asOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(1);
    }
    assertThrows(IOException.class, () -> out.write(1)).hasMessageContaining("closed");
    assertThrows(IOException.class, out::flush);
    WritableByteChannel channel = writer.asChannel();
    assertThat(channel.isOpen()).isTrue();
    channel.close();
    assertThat(channel.isOpen()).isFalse();
    assertThrows(ClosedChannelException.class, () -> channel.write(ByteBuffer.allocate(1)));
    writer.writeUtf8("goes on");
    assertThat(transport.trail).contains("write goes on").doesNotContain("close");
  }

  @LoopTest
  void whatJavaSerializesJavaParses() throws Exception {
    var reader = new StreamReader();
    var transport =
        new FakeTransport() {
          @Override
          public void write(ByteBuffer data) {
            reader.feedData(data);
          }
        };
    StreamWriter writer = writer(transport);
    Task<Object> receiver =
        createTask(
            () -> new ObjectInputStream(new GZIPInputStream(reader.asInputStream())).readObject());
    var zip = new GZIPOutputStream(writer.asOutputStream());
    var out = new ObjectOutputStream(zip);
    List<String> sent = List.of("grün", "x".repeat(10_000));
    out.writeObject(sent);
    out.flush();
    zip.finish();
    assertThat(await(receiver)).isEqualTo(sent);
  }
}
