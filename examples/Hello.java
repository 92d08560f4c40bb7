import static asyncio.Asyncio.*;

/** Two greetings at the same time: waiting for one does not hold up the other. */
class Hello {

  void main() {
    run(() -> {
      var world = createTask(() -> sayAfter(millis(200), "… world!"));
      sayAfter(millis(100), "Hello …");
      await(world);
    });
  }

  void sayAfter(java.time.Duration delay, String text) {
    sleep(delay); // suspends this task; the loop runs the other one
    System.out.println(text);
  }
}
