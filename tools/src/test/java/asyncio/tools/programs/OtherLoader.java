package asyncio.tools.programs;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link Waiting} in a class loader of its own, as an application server does. */
public final class OtherLoader {
  private OtherLoader() {}

  /**
   * @param arguments a class path
   */
  public static void main(String[] arguments) throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : arguments[0].split(File.pathSeparator)) {
      path.add(new File(entry).toURI().toURL());
    }
    ClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    loader
        .loadClass("asyncio.tools.programs.Waiting")
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[0]);
  }
}
