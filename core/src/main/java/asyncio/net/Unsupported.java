package asyncio.net;

/** Says that a transport or a server leaves a method out. */
final class Unsupported {
  private Unsupported() {}

  static UnsupportedOperationException by(Object object, String method) {
    return new UnsupportedOperationException(
        method + "() is not implemented by " + object.getClass().getName());
  }
}
