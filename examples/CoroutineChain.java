import static asyncio.Asyncio.*;

/** Coroutines call one another like any methods: no 'async', no 'await', and no new task. */
class CoroutineChain {

  void main() {
    run(() -> printSum(1, 2));
  }

  void printSum(int x, int y) {
    int sum = compute(x, y);
    System.out.println(x + " + " + y + " = " + sum);
  }

  int compute(int x, int y) {
    System.out.println("compute " + x + " + " + y + " …");
    sleep(millis(100)); // other tasks would run here
    return x + y;
  }
}
