package asyncio.internal.loop;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one channel of the user's: at most one to read, and one to write.
 *
 * <p>It has its place in the poller while somebody waits, and leaves it with the poll after the
 * last one has gone; coming back until then costs nothing.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public final class ChannelWatch implements IoPoller.Listener {

  /** Waits for one direction of a channel. */
  public interface Watcher {

    /**
     * The channel is ready; told again at each poll until it is not.
     *
     * @return false to leave
     */
    boolean ready();

    /** The channel was closed: an operation on it would not wait, it fails. This one has left. */
    void closed();
  }

  private IoPoller.@Nullable Registration registration;
  private @Nullable Watcher reader;
  private @Nullable Watcher writer;

  private ChannelWatch() {}

  /**
   * The watch of a channel; null if nobody waits for it, nor has since the last poll.
   *
   * @throws IllegalStateException if a transport uses the channel
   */
  public static @Nullable ChannelWatch find(IoPoller poller, SelectableChannel channel) {
    IoPoller.Registration found = poller.place(channel);
    if (found == null) {
      return null;
    }
    if (found.listener() instanceof ChannelWatch watch) {
      return watch;
    }
    if (found.isReleased()) {
      return null;
    }
    throw new IllegalStateException(
        channel + " is used by transport " + found.listener() + "; leave its I/O to that");
  }

  /**
   * As {@link #find}; makes one if there is none.
   *
   * @throws IOException if the channel is closed
   * @throws IllegalArgumentException if the poller cannot wait for it
   */
  public static ChannelWatch of(IoPoller poller, SelectableChannel channel) throws IOException {
    ChannelWatch found = find(poller, channel);
    if (found != null) {
      return found;
    }
    ChannelWatch made = new ChannelWatch();
    made.registration = poller.register(channel, made);
    return made;
  }

  /** Who waits to {@code READ} or to {@code WRITE}; null if nobody does. */
  public @Nullable Watcher watcher(int operation) {
    return operation == IoPoller.READ ? reader : writer;
  }

  /** Puts a watcher in place of the one that is there; null for none. */
  public void set(int operation, @Nullable Watcher watcher) {
    if (operation == IoPoller.READ) {
      reader = watcher;
    } else {
      writer = watcher;
    }
    askForWhatIsWanted();
  }

  private void askForWhatIsWanted() {
    IoPoller.Registration place = registration;
    if (place == null) {
      return;
    }
    if (reader == null && writer == null) {
      place.release();
    } else {
      place.setInterest(
          (reader == null ? 0 : IoPoller.READ) | (writer == null ? 0 : IoPoller.WRITE));
    }
  }

  @Override
  public void ready(int operations) {
    boolean allStay = true;
    if ((operations & IoPoller.READ) != 0 && reader != null && !reader.ready()) {
      reader = null;
      allStay = false;
    }
    if ((operations & IoPoller.WRITE) != 0 && writer != null && !writer.ready()) {
      writer = null;
      allStay = false;
    }
    if (!allStay) {
      askForWhatIsWanted();
    }
  }

  @Override
  public void closedBehind() {
    Watcher formerReader = reader;
    Watcher formerWriter = writer;
    registration = null;
    reader = null;
    writer = null;
    if (formerReader != null) {
      formerReader.closed();
    }
    if (formerWriter != null) {
      formerWriter.closed();
    }
  }

  @Override
  public boolean sharesChannel() {
    return true;
  }

  @Override
  public String toString() {
    return "<watch reader=" + reader + " writer=" + writer + ">";
  }
}
