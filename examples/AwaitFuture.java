import static asyncio.Asyncio.*;

import asyncio.*;

/** A future: one task waits for the value, another one sets it, and a callback hears of it too. */
class AwaitFuture {

  void main() {
    run(() -> {
      EventLoop loop = getRunningLoop();
      Future<String> answer = loop.createFuture();
      answer.addDoneCallback(done -> System.out.println("callback: " + done.result()));
      createTask(() -> setAfter(millis(100), answer, "world"));

      System.out.println("hello …");
      System.out.println("… " + await(answer));
    });
  }

  void setAfter(java.time.Duration delay, Future<String> future, String value) {
    sleep(delay);
    future.setResult(value);
  }
}
