package asyncio.inspect;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What held a loop for too long, and where: a picture taken while it did.
 *
 * <p>{@link #toString} is what the log shows.
 *
 * @param number tells stalls of this process apart; several reports of one stall have the same
 * @param kind what held the loop
 * @param loopId the identity of the loop, as {@link Loops#idOf} gives it
 * @param loop the loop, as text
 * @param since about when it began
 * @param held how long it has held the loop, at least
 * @param over whether the loop goes on; otherwise it is still held
 * @param callback the callback that held the loop, as text; of a task's step, the task. Of many
 *     callbacks, the one that was seen most
 * @param task the task whose step held the loop; null if it was a plain callback, or many
 * @param createdAt where that task or callback was created, innermost frame first; empty outside
 *     debug mode, which alone remembers
 * @param awaitedBy who waits for the task: its awaiter, the awaiter of that, and so on
 * @param thread the thread that held the loop
 * @param samples what its stack was, most frequent first
 * @param lock what it waits for if that is a lock; null if it is none, or nothing is known
 * @param shares of many callbacks, which they were, most frequent first
 * @param callbacksRun of many callbacks, how many have run
 * @param callbacksReady how many callbacks waited for the loop in the end
 */
public record StallReport(
    long number,
    Kind kind,
    String loopId,
    String loop,
    Instant since,
    Duration held,
    boolean over,
    String callback,
    @Nullable TaskPlace task,
    List<StackTraceElement> createdAt,
    List<TaskPlace> awaitedBy,
    String thread,
    List<StackSample> samples,
    @Nullable LockWait lock,
    List<CallbackShare> shares,
    long callbacksRun,
    long callbacksReady) {

  /** What can hold a loop. */
  public enum Kind {
    /** One callback. */
    CALLBACK,
    /** One step of a task: from one suspension to the next. */
    TASK_STEP,
    /** One iteration with so many callbacks that nothing else had a turn, each of them short. */
    MANY_CALLBACKS
  }

  /**
   * A task, as text.
   *
   * @param id its identity in the process, see {@link TaskInfo#id}
   * @param name its name
   * @param coroutine the code that it runs
   * @param at where it is, the innermost frame of the program's; null if that is not known
   */
  public record TaskPlace(
      String id, String name, String coroutine, @Nullable StackTraceElement at) {

    @Override
    public String toString() {
      return "'" + name + "'" + (at == null ? "" : " at " + at);
    }
  }

  /**
   * A stack that was found so often.
   *
   * @param count in how many samples
   * @param stack innermost frame first, without the library's frames
   */
  public record StackSample(int count, List<StackTraceElement> stack) {
    public StackSample {
      stack = List.copyOf(stack);
    }
  }

  /**
   * A lock that the loop's thread waits for.
   *
   * @param lock its class and identity, as the JVM prints them
   * @param ownerThread the name of the thread that holds it; empty if that has none
   * @param ownerThreadId its identifier
   * @param owner the task that runs in that thread; null if it is another one
   * @param deadlock whether that task is one of this very loop: to release the lock it needs a turn
   * @param ownerStack where the owner is, innermost frame first
   */
  public record LockWait(
      String lock,
      String ownerThread,
      long ownerThreadId,
      @Nullable TaskPlace owner,
      boolean deadlock,
      List<StackTraceElement> ownerStack) {
    public LockWait {
      ownerStack = List.copyOf(ownerStack);
    }
  }

  /**
   * Callbacks of one kind, among many.
   *
   * @param callback what they call, as text
   * @param at the outermost line of the program that was seen in one; null if none was
   * @param createdAt where they are created; null outside debug mode, which alone remembers
   * @param seen in how many samples such a one ran
   * @param ready how many more of them waited for the loop
   */
  public record CallbackShare(
      String callback,
      @Nullable StackTraceElement at,
      @Nullable StackTraceElement createdAt,
      long seen,
      long ready) {}

  public StallReport {
    createdAt = List.copyOf(createdAt);
    awaitedBy = List.copyOf(awaitedBy);
    samples = List.copyOf(samples);
    shares = List.copyOf(shares);
  }

  // ---- conclusions

  /**
   * The line of the program that blocks the loop: the innermost frame that is not the JDK's, in
   * most of the samples. Null if there is none, as for many callbacks.
   */
  public @Nullable StackTraceElement blockingFrame() {
    Map<StackTraceElement, Integer> counts = new LinkedHashMap<>();
    for (StackSample sample : samples) {
      int frame = programFrame(sample.stack);
      if (frame < sample.stack.size()) {
        counts.merge(sample.stack.get(frame), sample.count, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .reduce((best, each) -> each.getValue() > best.getValue() ? each : best)
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  /**
   * The method of the JDK that the {@linkplain #blockingFrame blocking line} called, {@code
   * java.lang.Thread.sleep} say; null if it called none.
   */
  public @Nullable StackTraceElement blockingCall() {
    StackTraceElement line = blockingFrame();
    for (StackSample sample : samples) {
      int frame = programFrame(sample.stack);
      if (frame > 0 && frame < sample.stack.size() && sample.stack.get(frame).equals(line)) {
        return sample.stack.get(frame - 1);
      }
    }
    return null;
  }

  private static int programFrame(List<StackTraceElement> stack) {
    int frame = 0;
    while (frame < stack.size() && isOfJdk(stack.get(frame))) {
      frame++;
    }
    return frame;
  }

  private static boolean isOfJdk(StackTraceElement frame) {
    String module = frame.getModuleName();
    return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
  }

  // ---- text

  /** One line: who, how long, and where. */
  public String summary() {
    return StallText.summary(this);
  }

  /** Everything, in several lines. */
  @Override
  public String toString() {
    return StallText.full(this);
  }
}
