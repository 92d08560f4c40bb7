package rpc;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.Task;
import asyncio.net.ChunkProtocol;
import asyncio.net.Transport;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON-RPC 2.0, one JSON text per line, for both sides of a connection. It asks nothing of the
 * transport below but that it is one.
 */
public final class JsonRpc extends ChunkProtocol {
  /** Extra information of a transport that waits for an answer: a Runnable, if none will come. */
  public static final String NO_ANSWER = "no_answer";

  private static final Gson GSON = new Gson().newBuilder().serializeNulls().create();

  private final Service service;
  private final Map<Long, Future<JsonElement>> calls = new LinkedHashMap<>();
  private final Set<Task<?>> running = new HashSet<>();
  private long lastId;
  private boolean lost;

  /** One question of a batch. */
  public record Call(String method, JsonElement params) {}

  @SuppressWarnings("this-escape") // called with the first line, long after
  public JsonRpc(Service service) {
    super(new byte[] {'\n'}, _ -> {});
    this.service = service;
    setHandler(this::received);
  }

  // ---- asking

  /** Calls a method of the other side. */
  public Future<JsonElement> call(String method, JsonElement params) {
    return batch(List.of(new Call(method, params)), false).getFirst();
  }

  /** Calls several methods with one message. */
  public List<Future<JsonElement>> batch(List<Call> questions) {
    return batch(questions, true);
  }

  private List<Future<JsonElement>> batch(List<Call> questions, boolean asArray) {
    List<Future<JsonElement>> answers = new ArrayList<>();
    JsonArray messages = new JsonArray();
    if (lost) {
      throw new IllegalStateException("the connection is lost; make another one");
    }
    for (Call question : questions) {
      JsonObject message = question(question.method(), question.params());
      message.addProperty("id", ++lastId);
      messages.add(message);
      Future<JsonElement> answer = Asyncio.getRunningLoop().createFuture();
      calls.put(lastId, answer);
      answers.add(answer);
    }
    try {
      write(asArray ? messages : messages.get(0));
    } catch (RuntimeException e) {
      messages.forEach(m -> calls.remove(m.getAsJsonObject().get("id").getAsLong()));
      throw e;
    }
    return answers;
  }

  /** Tells the other side something, which does not answer. */
  public void tell(String method, JsonElement params) {
    write(question(method, params));
  }

  private static JsonObject question(String method, JsonElement params) {
    JsonObject message = new JsonObject();
    message.addProperty("jsonrpc", "2.0");
    message.addProperty("method", method);
    if (!params.isJsonNull()) {
      message.add("params", params);
    }
    return message;
  }

  private void write(JsonElement message) {
    writeChunk(GSON.toJson(message).getBytes(StandardCharsets.UTF_8));
  }

  // ---- being told

  private void received(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    if (text.isBlank()) {
      return;
    }
    JsonElement message;
    try {
      message = parse(text);
    } catch (JsonParseException | IOException e) {
      write(error(JsonNull.INSTANCE, RpcError.PARSE_ERROR, "this is not JSON"));
      return;
    }
    if (!(message instanceof JsonArray batch)) {
      if (isAnswer(message)) {
        answered(message.getAsJsonObject());
      } else {
        answer(List.of(message), false);
      }
    } else if (batch.isEmpty()) {
      write(invalid("an empty batch"));
    } else {
      List<JsonElement> questions = new ArrayList<>();
      for (JsonElement each : batch) {
        if (isAnswer(each)) {
          answered(each.getAsJsonObject());
        } else {
          questions.add(each);
        }
      }
      if (!questions.isEmpty()) {
        answer(questions, true);
      }
    }
  }

  private static JsonElement parse(String text) throws IOException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    JsonElement element = GSON.getAdapter(JsonElement.class).read(reader);
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new JsonParseException("more than one value in a line");
    }
    return element;
  }

  private static boolean isAnswer(JsonElement message) {
    return message instanceof JsonObject object
        && !object.has("method")
        && (object.has("result") || object.has("error"));
  }

  private void answered(JsonObject message) {
    Future<JsonElement> call =
        message.get("id") instanceof JsonPrimitive id && id.isNumber()
            ? calls.remove(id.getAsLong())
            : null;
    if (call == null || call.isDone()) {
      return; // nobody waits for it, or no longer
    }
    if (message.get("error") instanceof JsonObject error) {
      call.setException(
          new RpcError(error.get("code").getAsInt(), error.get("message").getAsString()));
    } else {
      call.setResult(message.get("result"));
    }
  }

  // ---- answering

  /** Has the questions answered by a task, several of them beside each other. */
  private void answer(List<JsonElement> questions, boolean asArray) {
    Task<?> task =
        Asyncio.createTask(() -> {
          List<Task<JsonElement>> tasks = new ArrayList<>();
          Asyncio.taskGroup(group -> {
            for (JsonElement question : questions) {
              tasks.add(group.createTask(() -> answerOf(question)));
            }
          });
          JsonArray answers = new JsonArray();
          tasks.stream().map(Task::result).filter(JsonElement::isJsonObject).forEach(answers::add);
          if (!answers.isEmpty()) {
            write(asArray ? answers : answers.get(0));
          } else if (transport().getExtraInfo(NO_ANSWER) instanceof Runnable none) {
            none.run();
          }
        });
    running.add(task);
    task.addDoneCallback(done -> running.remove(task));
  }

  /** The answer to one question; JsonNull if it wants none. */
  private JsonElement answerOf(JsonElement question) {
    if (!(question instanceof JsonObject object)
        || !new JsonPrimitive("2.0").equals(object.get("jsonrpc"))
        || !(object.get("method") instanceof JsonPrimitive method && method.isString())) {
      return invalid("this is not a request");
    }
    JsonElement params = object.has("params") ? object.get("params") : JsonNull.INSTANCE;
    JsonElement id = object.get("id");
    if (params.isJsonPrimitive()
        || (object.has("params") && params.isJsonNull())
        || id instanceof JsonArray
        || id instanceof JsonObject
        || (id instanceof JsonPrimitive value && value.isBoolean())) {
      return invalid("params are an array or an object, an id is a number or a text");
    }
    JsonObject answer;
    try {
      JsonElement result = service.call(method.getAsString(), params);
      answer = answerTo(id);
      answer.add("result", result);
    } catch (RpcError e) {
      answer = error(id, e.code(), e.getMessage());
    } catch (Exception e) {
      answer = error(id, RpcError.INTERNAL_ERROR, "internal error: " + e.getMessage());
    }
    return id == null ? JsonNull.INSTANCE : answer;
  }

  private static JsonObject invalid(String why) {
    return error(JsonNull.INSTANCE, RpcError.INVALID_REQUEST, "invalid request: " + why);
  }

  private static JsonObject error(JsonElement id, int code, String text) {
    JsonObject error = new JsonObject();
    error.addProperty("code", code);
    error.addProperty("message", text);
    JsonObject answer = answerTo(id);
    answer.add("error", error);
    return answer;
  }

  private static JsonObject answerTo(JsonElement id) {
    JsonObject answer = new JsonObject();
    answer.addProperty("jsonrpc", "2.0");
    answer.add("id", id);
    return answer;
  }

  // ---- the end

  /** Ends the connection, once what was written is sent. */
  public void close() {
    Transport open = transport();
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void connectionLost(Throwable exception) {
    lost = true;
    List.copyOf(running).forEach(Task::cancel);
    List<Future<JsonElement>> open = List.copyOf(calls.values());
    calls.clear();
    for (Future<JsonElement> call : open) {
      if (!call.isDone()) {
        call.setException(
            new IOException("the connection was lost before the answer came", exception));
      }
    }
  }
}
