import static asyncio.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.*;
import asyncio.net.*;
import com.google.gson.Gson;
import com.google.gson.JsonStreamParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A service that is asked in JSON and answers in JSON, with a JSON library that knows nothing of
 * asyncio: it reads and writes the streams' views, and where it would block its task is suspended.
 *
 * <p>Run it with that library on the class path: {@code ./asyncio run -cp gson-2.15.0.jar
 * examples/JsonService.java}.
 */
class JsonService {
  final Gson gson = new Gson();

  record Question(int id, String op, double[] numbers) {}

  record Answer(int id, Double result, String error) {}

  void main() {
    run(() -> {
      Server server = startServer(this::serve, "127.0.0.1", 0);
      try (var _ = server.scope()) {
        int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
        List<String> answers =
            await(
                gather(
                    () -> ask(port, 1, "sum", 1, 2, 3.5),
                    () -> ask(port, 2, "max", 4, 8, 6),
                    () -> ask(port, 3, "guess")));
        answers.forEach(System.out::println);
      }
    });
  }

  /** Answers the questions of one connection: one JSON value after the other. */
  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer;
        Reader in = new InputStreamReader(reader.asInputStream(), UTF_8);
        Writer out = new OutputStreamWriter(writer.asOutputStream(), UTF_8)) {
      var questions = new JsonStreamParser(in);
      while (questions.hasNext()) { // suspends this task until the next value begins
        gson.toJson(answer(gson.fromJson(questions.next(), Question.class)), out);
        out.flush();
      }
    }
  }

  Answer answer(Question question) {
    var numbers = DoubleStream.of(question.numbers());
    return switch (question.op()) {
      case "sum" -> new Answer(question.id(), numbers.sum(), null);
      case "max" -> new Answer(question.id(), numbers.max().orElseThrow(), null);
      default -> new Answer(question.id(), null, "no such operation: " + question.op());
    };
  }

  String ask(int port, int id, String op, double... numbers) throws IOException {
    try (Streams streams = openConnection("127.0.0.1", port);
        Writer out = new OutputStreamWriter(streams.writer().asOutputStream(), UTF_8);
        Reader in = new InputStreamReader(streams.reader().asInputStream(), UTF_8)) {
      gson.toJson(new Question(id, op, numbers), out);
      out.flush();
      var answer = gson.fromJson(new JsonStreamParser(in).next(), Answer.class);
      return answer.error() == null ? op + " is " + answer.result() : answer.error();
    }
  }
}
