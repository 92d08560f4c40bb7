package asyncio.net;

import java.nio.ByteBuffer;

/**
 * Takes the bytes that a {@link Producer} pushes, and tells it how fast (PEP 3153 'Consumers').
 *
 * <p>{@link BaseConsumer} keeps the rules of registering. {@link TransportEnd#consumer} makes one
 * of a transport.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public interface Consumer {

  /**
   * Takes {@code producer}, whose {@link Producer#halfRegister} is called with this consumer. On a
   * consumer that is closed or closing, {@link Producer#stop} is called instead and nothing else
   * (spec PC-2 to PC-5).
   *
   * @throws IllegalStateException if there is a producer; it stays
   */
  void register(Producer producer);

  /** Lets the producer go, which gets no more calls; a new one may register (spec PC-15). */
  void unregister();

  /**
   * Takes the remaining bytes of {@code data}, in the order of the calls, whether or not the
   * producer is paused; they are taken before this returns (spec PC-7).
   */
  void write(ByteBuffer data);

  /** Nothing more comes; the producer has ended. */
  void writeEof();
}
