import static asyncio.Asyncio.*;

import asyncio.TaskOptions;
import asyncio.inspect.Cycle;
import asyncio.inspect.Snapshot;
import asyncio.sync.Lock;

final Lock giver = new Lock();
final Lock taker = new Lock();

void main() {
  run(() -> {
    var pay = createTask(() -> transfer(giver, taker), TaskOptions.named("pay"));
    var refund = createTask(() -> transfer(taker, giver), TaskOptions.named("refund"));
    createTask(() -> await(pay), TaskOptions.named("receipt"));
    sleep(millis(50)); // by now they hang

    Snapshot snapshot = Snapshot.take(); // from any thread, of all loops
    for (Cycle deadlock : snapshot.deadlocks()) {
      IO.println("deadlock: " + deadlock);
      IO.println("tasks: " + deadlock.names());
    }
    IO.println(snapshot.render());

    refund.cancel(); // ends it
    await(pay);
    IO.println("paid");
  });
}

void transfer(Lock from, Lock to) {
  try (var _ = from.acquire()) {
    sleep(millis(10)); // lets the other one take its first lock
    try (var _ = to.acquire()) {
      sleep(millis(10));
    }
  }
}
