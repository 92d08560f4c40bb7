import org.jspecify.annotations.NullMarked;

/** The metrics of event loops for Micrometer. */
@NullMarked
module asyncio.micrometer {
  requires transitive asyncio;
  requires micrometer.core;
  requires static org.jspecify;

  exports asyncio.micrometer;
}
