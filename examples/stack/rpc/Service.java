package rpc;

import com.google.gson.JsonElement;

/** What one side of a JSON-RPC connection does for the other: the application. */
@FunctionalInterface
public interface Service {

  /**
   * Calls a method; runs in a task, so it may wait.
   *
   * @param params an array, an object, or JsonNull if there are none
   * @throws RpcError becomes the answer; other exceptions become an internal error
   */
  JsonElement call(String method, JsonElement params) throws Exception;

  /** Has no methods: for a side that only asks. */
  static Service none() {
    return (method, _) -> {
      throw new RpcError(RpcError.METHOD_NOT_FOUND, "no such method: " + method);
    };
  }
}
