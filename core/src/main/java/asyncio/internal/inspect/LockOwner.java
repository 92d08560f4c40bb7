package asyncio.internal.inspect;

/**
 * The thread that owns a lock of {@code java.util.concurrent}.
 *
 * @param threadId its number
 * @param name its name, empty if it has none
 */
public record LockOwner(long threadId, String name) {}
