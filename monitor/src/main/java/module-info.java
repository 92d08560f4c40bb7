import org.jspecify.annotations.NullMarked;

/** A web page that shows, live, what the event loops of this JVM do. */
@NullMarked
module asyncio.monitor {
  requires asyncio;
  requires com.google.gson;
  requires org.apache.httpcomponents.core5.httpcore5;
  requires static org.jspecify;

  exports asyncio.monitor;

  opens asyncio.monitor to
      com.google.gson; // which reads the records that go to the page
}
