/** A web page that shows, live, what the event loops of this JVM do: {@code Monitor.start()}. */
package asyncio.monitor;
