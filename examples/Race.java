import static asyncio.Asyncio.*;

void main() {
  run(() -> {
    try {
      timeout(
          seconds(2),
          () ->
              taskGroup(group -> {
                group.createTask(() -> count("fast", 200));
                group.createTask(() -> count("slow", 800));
              }));
    } catch (asyncio.TimeoutException e) {
      IO.println("time is up: both were cancelled and have ended");
    }
  });
}

void count(String name, int pause) {
  for (int i = 1; i <= 5; i++) {
    sleep(millis(pause)); // suspends this task; others run
    IO.println(name + " " + i);
  }
}
