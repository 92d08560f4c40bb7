package asyncio.conformance.net;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;

import asyncio.Action;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.LoopKind;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Transcript;
import asyncio.net.BufferedProtocol;
import asyncio.net.Protocol;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Programs about connections both ends of which are on one loop, compared line by line with what
 * CPython 3.13 printed for the same programs: which call comes in which iteration, and where among
 * the callbacks of others.
 */
class TranscriptTransportsTest {

  /** What is told to a protocol, plain or buffered. */
  private static class Told {
    final Scene scene;
    final String name;
    final boolean keepsOpen;
    final Map<String, Action> does = new HashMap<>();
    Transport transport;

    Told(Scene scene, String name, boolean keepsOpen) {
      this.scene = scene;
      this.name = name;
      this.keepsOpen = keepsOpen;
    }

    StreamProtocol protocol() {
      return new Plain(this);
    }

    void made(Transport made) throws Exception {
      transport = made;
      told("made", "");
    }

    boolean eof() throws Exception {
      told("eof", "");
      return keepsOpen;
    }

    void lost(@Nullable Throwable exception) throws Exception {
      String text =
          exception == null
              ? "None"
              : exception instanceof IOException ? "network error" : exception.getMessage();
      told("lost", " " + text);
    }

    void told(String word, String text) throws Exception {
      scene.say(name + " " + word + text);
      Action action = does.get(word);
      if (action != null) {
        action.run();
      }
    }
  }

  private record Plain(Told told) implements Protocol {
    @Override
    public void connectionMade(Transport transport) throws Exception {
      told.made(transport);
    }

    @Override
    public void dataReceived(ByteBuffer data) throws Exception {
      told.told("data", " " + StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public boolean eofReceived() throws Exception {
      return told.eof();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      told.lost(exception);
    }
  }

  private record Buffered(Told told, ByteBuffer buffer) implements BufferedProtocol {
    @Override
    public void connectionMade(Transport transport) throws Exception {
      told.made(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      told.scene.say(told.name + " get_buffer");
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) throws Exception {
      told.told("updated", " " + StandardCharsets.UTF_8.decode(buffer.flip()));
    }

    @Override
    public boolean eofReceived() throws Exception {
      return told.eof();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      told.lost(exception);
    }
  }

  /** Counts the iterations of a loop. */
  private static final class Iterations implements Instrument {
    int count;

    @Override
    public void iterationBegun(EventLoop loop) {
      count++;
    }
  }

  private static final class Scene {
    final EventLoop loop;
    final Transcript out;
    final Iterations iterations;
    final int base;
    final List<Transport> transports = new ArrayList<>();
    int marks;

    Scene(EventLoop loop, Transcript out, Iterations iterations, String name) {
      this.loop = loop;
      this.out = out;
      this.iterations = iterations;
      this.base = iterations.count;
      loop.setExceptionHandler((_, context) -> report(context));
      out.print("-- " + name);
    }

    void report(ErrorContext context) {
      String message = context.message();
      say(
          "reported "
              + (message.startsWith("Exception in callback") ? "Exception in callback" : message)
              + ": "
              + context.exception().getMessage());
    }

    Told told(String name) {
      return told(name, false);
    }

    Told told(String name, boolean keepsOpen) {
      return new Told(this, name, keepsOpen);
    }

    void say(String text) {
      out.print(iterations.count - base + ": " + text);
    }

    void soon(String text) {
      loop.callSoon(() -> say(text));
    }

    void mark(int count) {
      say("mark");
      marks = count;
      if (count > 0) {
        loop.callSoon(() -> mark(count - 1));
      }
    }

    Transport serve(Told told, StreamProtocol protocol, SocketChannel channel) throws Exception {
      Transport transport =
          loop.connectAcceptedSocket(() -> protocol, channel, ServerOptions.DEFAULT).transport();
      transports.add(transport);
      say(told.name + " connected");
      return transport;
    }

    Transport[] pair(Told near, Told far) throws Exception {
      return pair(near, near.protocol(), far);
    }

    Transport[] pair(Told near, StreamProtocol nearProtocol, Told far) throws Exception {
      Wire.Channels channels = Wire.UNIX.open(loop);
      return new Transport[] {
        serve(near, nearProtocol, channels.near()), serve(far, far.protocol(), channels.far())
      };
    }

    void end() {
      while (marks > 0 || transports.stream().anyMatch(t -> t.getProtocol() != null)) {
        turn();
      }
    }
  }

  private interface Program {
    void run(Scene scene) throws Exception;
  }

  private static void turn() {
    sleep(seconds(0));
  }

  private static void turns(int count) {
    for (int i = 0; i < count; i++) {
      turn();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String truth(boolean value) {
    return Transcript.truth(value);
  }

  // ---- the programs

  private static void beginning(Scene scene) throws Exception {
    Told near = scene.told("near");
    Told far = scene.told("far");
    near.does.put(
        "made",
        () -> {
          scene.soon("near's callback");
          near.transport.write(bytes("hello"));
        });
    far.does.put("data", () -> scene.soon("far's callback"));
    Transport one = scene.pair(near, far)[0];
    scene.soon("between");
    one.close();
    scene.soon("after close");
    scene.end();
  }

  private static void pingPong(Scene scene) throws Exception {
    Told near = scene.told("near");
    Told far = scene.told("far");
    int[] count = new int[1];
    far.does.put(
        "data",
        () -> {
          count[0]++;
          if (count[0] < 5) {
            far.transport.write(bytes("pong " + count[0]));
          } else {
            far.transport.close();
          }
        });
    near.does.put("data", () -> near.transport.write(bytes("ping " + count[0])));
    Transport one = scene.pair(near, far)[0];
    scene.mark(14);
    one.write(bytes("ping 0"));
    scene.end();
  }

  private static void closing(Scene scene) throws Exception {
    Transport[] pair = scene.pair(scene.told("near"), scene.told("far"));
    Transport one = pair[0];
    scene.mark(5);
    one.write(bytes("last words"));
    one.close();
    scene.say("closing " + truth(one.isClosing()) + ", reading " + truth(one.isReading()));
    one.close();
    one.write(bytes("dropped"));
    one.pauseReading();
    one.resumeReading();
    pair[1].write(bytes("too late"));
    scene.end();
    one.abort();
    scene.say("protocol " + (one.getProtocol() == null ? "None" : "there"));
  }

  private static void aborting(Scene scene) throws Exception {
    Told near = scene.told("near");
    Told far = scene.told("far");
    near.does.put(
        "lost",
        () -> {
          near.transport.abort();
          near.transport.close();
          scene.soon("from lost");
        });
    far.does.put("eof", () -> far.transport.abort());
    Transport one = scene.pair(near, far)[0];
    scene.mark(5);
    one.write(bytes("a"));
    one.write(bytes("b"));
    one.abort();
    one.close();
    scene.soon("after abort");
    scene.end();
  }

  private static void inConnectionMade(Scene scene) throws Exception {
    for (String name : List.of("abort", "close", "pause", "write_eof", "fail")) {
      Told near = scene.told(name);
      Told far = scene.told("far", name.equals("write_eof"));
      near.does.put(
          "made",
          () -> {
            Transport t = near.transport;
            switch (name) {
              case "abort" -> t.abort();
              case "close" -> {
                t.write(bytes("at once"));
                t.close();
              }
              case "pause" -> t.pauseReading();
              case "write_eof" -> {
                t.write(bytes("only this"));
                t.writeEof();
              }
              default -> throw new IllegalStateException("from connection_made");
            }
          });
      Transport[] pair = scene.pair(near, far);
      pair[1].write(bytes("hello"));
      scene.mark(4);
      turns(3);
      pair[0].resumeReading();
      turns(3);
      pair[1].close();
      scene.end();
    }
  }

  private static void halfClose(Scene scene) throws Exception {
    Told near = scene.told("near", true);
    Told far = scene.told("far", true);
    far.does.put(
        "eof",
        () -> {
          far.transport.write(bytes("answer"));
          far.transport.writeEof();
          scene.soon("far's callback");
        });
    near.does.put(
        "eof",
        () ->
            scene.say(
                "near closing "
                    + truth(near.transport.isClosing())
                    + ", reading "
                    + truth(near.transport.isReading())));
    Transport[] pair = scene.pair(near, far);
    Transport one = pair[0];
    scene.mark(8);
    one.write(bytes("question"));
    one.writeEof();
    one.writeEof();
    try {
      one.write(bytes(""));
    } catch (IllegalStateException e) {
      scene.say("refused");
    }
    turns(6);
    scene.say("far closing " + truth(pair[1].isClosing()));
    one.close();
    pair[1].close();
    scene.end();
  }

  private static void pausing(Scene scene) throws Exception {
    Told near = scene.told("near");
    Transport[] pair = scene.pair(near, scene.told("far"));
    Transport one = pair[0];
    Transport other = pair[1];
    scene.mark(14);
    one.pauseReading();
    other.write(bytes("one"));
    turns(2);
    one.resumeReading();
    one.pauseReading();
    one.resumeReading();
    scene.say("reading " + truth(one.isReading()));
    turns(2);
    near.does.put(
        "data",
        () -> {
          one.pauseReading();
          scene.loop.callSoon(one::resumeReading);
        });
    other.write(bytes("two"));
    turn();
    other.write(bytes("three"));
    scene.loop.callSoon(() -> {
      one.pauseReading();
      one.resumeReading();
      scene.say("paused and resumed");
    });
    turns(3);
    other.write(bytes("four"));
    other.close();
    scene.end();
  }

  private static void raising(Scene scene) throws Exception {
    for (String word : List.of("data", "eof", "lost")) {
      Told near = scene.told("raises in " + word);
      near.does.put(
          word,
          () -> {
            scene.soon("callback before");
            throw new IllegalStateException("oops in " + word);
          });
      Transport[] pair = scene.pair(near, scene.told("far"));
      pair[1].write(bytes("hello"));
      scene.mark(4);
      turns(2);
      pair[1].close();
      scene.end();
    }
  }

  private static void buffered(Scene scene) throws Exception {
    Told near = scene.told("near");
    Transport[] pair =
        scene.pair(near, new Buffered(near, ByteBuffer.allocate(4)), scene.told("far"));
    Transport one = pair[0];
    Transport other = pair[1];
    scene.mark(8);
    other.write(bytes("ten bytes."));
    turns(2);
    one.pauseReading();
    turn();
    scene.say("switch");
    one.setProtocol(scene.told("plain").protocol());
    one.resumeReading();
    other.writeLines(List.of(bytes("more "), bytes(""), bytes("bytes")));
    other.write(bytes("."));
    other.close();
    scene.end();
  }

  private static void bothClose(Scene scene) throws Exception {
    Transport[] pair = scene.pair(scene.told("near"), scene.told("far"));
    scene.mark(4);
    pair[0].write(bytes("unread"));
    pair[1].write(bytes("unread"));
    pair[0].close();
    pair[1].close();
    scene.end();
  }

  private static void threePairs(Scene scene) throws Exception {
    List<Transport[]> pairs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      int next = (i + 1) % 3;
      Told near = scene.told("near " + i);
      Told far = scene.told("far " + i);
      far.does.put("data", () -> pairs.get(next)[0].write(bytes("from " + number)));
      far.does.put("eof", () -> pairs.get(next)[0].close());
      pairs.add(scene.pair(near, far));
    }
    turns(3);
    pairs.get(0)[0].write(bytes("begin"));
    turns(8);
    pairs.get(1)[0].close();
    scene.end();
  }

  @EachEngine
  void transports(Engine engine) {
    Map<String, Program> programs = new java.util.LinkedHashMap<>();
    programs.put("beginning", TranscriptTransportsTest::beginning);
    programs.put("ping_pong", TranscriptTransportsTest::pingPong);
    programs.put("closing", TranscriptTransportsTest::closing);
    programs.put("aborting", TranscriptTransportsTest::aborting);
    programs.put("in_connection_made", TranscriptTransportsTest::inConnectionMade);
    programs.put("half_close", TranscriptTransportsTest::halfClose);
    programs.put("pausing", TranscriptTransportsTest::pausing);
    programs.put("raising", TranscriptTransportsTest::raising);
    programs.put("buffered", TranscriptTransportsTest::buffered);
    programs.put("both_close", TranscriptTransportsTest::bothClose);
    programs.put("three_pairs", TranscriptTransportsTest::threePairs);

    var out = new Transcript();
    var iterations = new Iterations();
    var loop = LoopKind.preferred().newLoop(engine);
    loop.addInstrument(iterations);
    try {
      loop.runUntilComplete(() -> {
        for (Map.Entry<String, Program> each : programs.entrySet()) {
          each.getValue().run(new Scene(loop, out, iterations, each.getKey()));
        }
      });
    } finally {
      loop.close();
    }
    out.compare("transports");
  }
}
