package asyncio.tools;

/** Why a command cannot do its work, in words for the user; its exit status is 1. */
final class UserError extends Exception {
  private static final long serialVersionUID = 1;

  UserError(String message) {
    super(message);
  }

  UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
