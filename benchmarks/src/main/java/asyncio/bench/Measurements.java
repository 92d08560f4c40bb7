package asyncio.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The raw figures of one metric, by participant and in the order of the repeats. */
final class Measurements {
  final String metric;

  /** Of the figures; lower is better. */
  final String unit;

  private final Map<Peer, List<Figure>> figures = new LinkedHashMap<>();

  /**
   * One figure.
   *
   * @param value in the unit of the metric
   * @param p50 median latency in nanoseconds, 0 if none was taken
   * @param p99 of the latency in nanoseconds, 0 if none was taken
   */
  record Figure(double value, long p50, long p99) {}

  Measurements(String metric, String unit) {
    this.metric = metric;
    this.unit = unit;
  }

  void add(Peer peer, Figure figure) {
    figures.computeIfAbsent(peer, _ -> new ArrayList<>()).add(figure);
  }

  List<Peer> peers() {
    return List.copyOf(figures.keySet());
  }

  List<Figure> of(Peer peer) {
    return figures.getOrDefault(peer, List.of());
  }

  double median(Peer peer) {
    return median(of(peer).stream().mapToDouble(Figure::value).toArray());
  }

  /** The participant of a role with the lowest median; null if there is none. */
  @Nullable Peer best(Peer.Role role) {
    return peers().stream()
        .filter(peer -> peer.role() == role)
        .min(java.util.Comparator.comparingDouble(this::median))
        .orElse(null);
  }

  /** The median of the ratios within each repeat; NaN without something to compare with. */
  double ratio(Peer peer, @Nullable Peer reference) {
    if (reference == null) {
      return Double.NaN;
    }
    List<Figure> own = of(peer);
    List<Figure> others = of(reference);
    double[] ratios = new double[Math.min(own.size(), others.size())];
    Arrays.setAll(ratios, i -> own.get(i).value() / others.get(i).value());
    return median(ratios);
  }

  static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
