import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A prompt on standard input that stops no other task: timers ring while it waits for a line.
 *
 * <p>Its commands: {@code timer NAME SECONDS}, {@code list}, {@code wait}, {@code quit}.
 */
class Prompt {
  final Map<String, Task<?>> timers = new LinkedHashMap<>();

  void main() {
    run(this::readCommands);
  }

  void readCommands() throws IOException {
    StreamReader input = StandardStreams.openInput();
    while (true) {
      System.out.print("> ");
      System.out.flush();
      String line = input.readUtf8Line(); // this task waits, the others go on
      if (line == null || line.equals("quit")) {
        System.out.println("bye");
        return; // run() cancels the timers that are left
      }
      carryOut(line.strip().split(" +"));
    }
  }

  void carryOut(String[] words) {
    switch (words[0]) {
      case "timer" -> {
        String name = words[1];
        double time = Double.parseDouble(words[2]);
        timers.put(name, createTask(() -> ring(name, time)));
        System.out.println(name + " is set");
      }
      case "list" -> System.out.println("running: " + String.join(", ", timers.keySet()));
      case "wait" -> {
        System.out.println("waiting for " + timers.size());
        new ArrayList<>(timers.values()).forEach(timer -> await(timer));
      }
      default -> System.out.println("what is " + words[0] + "?");
    }
  }

  void ring(String name, double time) {
    sleep(seconds(time));
    System.out.println(name + " rings");
    timers.remove(name);
  }
}
