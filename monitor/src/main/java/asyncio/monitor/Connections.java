package asyncio.monitor;

import asyncio.inspect.TransportInfo;
import asyncio.monitor.Look.ConnectionLook;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The open transports of some loops: those with the most to send, and how many there are. */
record Connections(List<ConnectionLook> shown, int count) {
  static final Connections NONE = new Connections(List.of(), 0);
  private static final int MOST = 200;

  static Connections of(List<LoopWatch> loops) {
    List<ConnectionLook> all = new ArrayList<>();
    for (LoopWatch watch : loops) {
      for (TransportInfo transport : TransportInfo.of(watch.loop)) {
        all.add(
            new ConnectionLook(
                watch.id,
                name(transport),
                state(transport),
                transport.protocol() == null ? "" : transport.protocol(),
                transport.buffered(),
                transport.highMark(),
                transport.received(),
                transport.sent()));
      }
    }
    all.sort(Comparator.comparingLong(ConnectionLook::buffered).reversed()); // stable: then by age
    return new Connections(List.copyOf(all.subList(0, Math.min(MOST, all.size()))), all.size());
  }

  private static String name(TransportInfo transport) {
    String local = transport.local();
    String peer = transport.peer();
    String ends =
        (local == null ? "" : local)
            + (local == null || peer == null ? "" : " ↔ ")
            + (peer == null ? "" : peer);
    return ends.isEmpty() ? transport.kind() : transport.kind() + " " + ends;
  }

  private static String state(TransportInfo transport) {
    if (transport.writingPaused()) {
      return "waits for the other end to read";
    }
    return transport.reading() ? "open" : "does not read";
  }
}
