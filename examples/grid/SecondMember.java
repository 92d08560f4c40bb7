package grid;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A second member, in a process of its own, which {@link Main} starts: {@code SecondMember PORT}.
 * It ends with its standard input, and so with the first member, however that ends.
 */
class SecondMember {
  static void main(String[] args) throws IOException {
    var grid = Grid.join(Integer.parseInt(args[0]));
    System.in.transferTo(OutputStream.nullOutputStream());
    grid.getLifecycleService().terminate();
  }
}
