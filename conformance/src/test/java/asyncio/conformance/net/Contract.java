package asyncio.conformance.net;

import asyncio.Suspends;
import asyncio.net.BufferedProtocol;
import asyncio.net.StreamProtocol;

/**
 * What the contracts of stream connections are tried on: makes connections, both ends of which are
 * served by the loop of the test. {@link Subject} is the way to one.
 */
interface Contract {

  /** The two ends of a connection. */
  record Ends(Witness near, Witness far) {}

  /** Connects two protocols; both know of it when this returns, unless they have ended it. */
  @Suspends
  void connect(StreamProtocol near, StreamProtocol far) throws Exception;

  /** Connects two fresh witnesses. */
  @Suspends
  default Ends connect() throws Exception {
    Ends ends = new Ends(new Witness(), new Witness());
    connect(ends.near(), ends.far());
    return ends;
  }

  /** Connects a buffered protocol with a witness. */
  @Suspends
  default Witness connect(BufferedProtocol near) throws Exception {
    Witness far = new Witness();
    connect(near, far);
    return far;
  }

  /** How many bytes surely do not fit on the way between the two ends. */
  default int tooMuch() {
    return 4 << 20;
  }
}
