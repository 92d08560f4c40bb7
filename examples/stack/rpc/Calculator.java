package rpc;

import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;

/** The application, which knows nothing of what carries it. */
public final class Calculator implements Service {
  private final List<String> notes = new ArrayList<>();

  /** What it was told, in order. */
  public List<String> notes() {
    return notes;
  }

  @Override
  public JsonElement call(String method, JsonElement params) throws Exception {
    return switch (method) {
      case "add" -> new JsonPrimitive(number(params, 0) + number(params, 1));
      case "divide" -> new JsonPrimitive(number(params, 0) / number(params, 1));
      case "wait" -> {
        sleep(millis(number(params, 0)));
        yield params;
      }
      case "note" -> {
        notes.add(params.toString());
        yield JsonNull.INSTANCE;
      }
      default -> throw new RpcError(RpcError.METHOD_NOT_FOUND, "no such method: " + method);
    };
  }

  private static int number(JsonElement params, int index) throws RpcError {
    if (params instanceof JsonArray array
        && index < array.size()
        && array.get(index) instanceof JsonPrimitive value
        && value.isNumber()) {
      return value.getAsInt();
    }
    throw new RpcError(RpcError.INVALID_PARAMS, "a number is missing: number " + index);
  }
}
