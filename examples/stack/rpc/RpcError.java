package rpc;

/** What a JSON-RPC call fails with: the code and the message of its answer. */
public final class RpcError extends Exception {
  public static final int PARSE_ERROR = -32700;
  public static final int INVALID_REQUEST = -32600;
  public static final int METHOD_NOT_FOUND = -32601;
  public static final int INVALID_PARAMS = -32602;
  public static final int INTERNAL_ERROR = -32603;

  private static final long serialVersionUID = 1;

  private final int code;

  public RpcError(int code, String message) {
    super(message);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
