package asyncio;

/**
 * How busy the default executor of a loop is with the loop's calls, at one moment.
 *
 * @param running calls that are being made
 * @param waiting calls that wait for a thread
 */
public record ExecutorLoad(int running, int waiting) {}
