package asyncio.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a management agent that this command starts in another JVM: a port on the
 * loopback address, and a password of 128 random bits that stands in a file which only the owner of
 * that JVM can read.
 */
final class AgentFiles {
  private static final String PREFIX = "asyncio-inspect-";
  private static final String SETTING = "com.sun.management.jmxremote.";
  private static final String SETTINGS = "settings";
  private static final String PASSWORDS = "passwords";
  private static final String RIGHTS = "rights";

  static final String USER = "asyncio";

  /** The folder as this process sees it. */
  private final Path folder;

  /** The folder as the other process sees it, which may be in a container. */
  private final Path folderThere;

  private final int port;
  private final String password;

  private AgentFiles(Path folder, Path folderThere, int port, String password) {
    this.folder = folder;
    this.folderThere = folderThere;
    this.port = port;
    this.password = password;
  }

  /** Writes them for a process, to be read by its user alone. */
  static AgentFiles create(long pid, int port) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Path root = ProcessFacts.root(pid);
    Path folder =
        Files.createTempDirectory(root.resolve("tmp"), PREFIX + pid + "-", onlyOwner("rwx------"));
    AgentFiles files =
        new AgentFiles(folder, Path.of("/").resolve(root.relativize(folder)), port, password);
    try {
      files.write(pid);
      return files;
    } catch (IOException e) {
      files.delete();
      throw e;
    }
  }

  private static java.nio.file.attribute.FileAttribute<?> onlyOwner(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  private void write(long pid) throws IOException {
    writeFile(PASSWORDS, USER + " " + password + "\n");
    // With these rights a client can create the one class, call it, and remove it again.
    writeFile(RIGHTS, USER + " readwrite create " + Inspection.PROBE + " unregister\n");
    Properties settings = new Properties();
    settings.setProperty(SETTING + "port", Integer.toString(port));
    // The same port: the JDK closes the port of a stopped agent only if it was named.
    settings.setProperty(SETTING + "rmi.port", Integer.toString(port));
    settings.setProperty(SETTING + "host", "127.0.0.1");
    settings.setProperty(SETTING + "ssl", "false");
    settings.setProperty(SETTING + "registry.ssl", "false");
    settings.setProperty(SETTING + "authenticate", "true");
    settings.setProperty(SETTING + "password.toHashes", "false");
    settings.setProperty(SETTING + "password.file", folderThere.resolve(PASSWORDS).toString());
    settings.setProperty(SETTING + "access.file", folderThere.resolve(RIGHTS).toString());
    Path file = Files.createFile(folder.resolve(SETTINGS), onlyOwner("rw-------"));
    try (OutputStream out = Files.newOutputStream(file)) {
      settings.store(out, null);
    }
    giveTo(pid);
  }

  private void writeFile(String name, String text) throws IOException {
    Files.writeString(Files.createFile(folder.resolve(name), onlyOwner("rw-------")), text);
  }

  /** Makes the files the other user's, if root looks into the process of another user. */
  private void giveTo(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    if (!Files.isDirectory(process)) {
      return;
    }
    Object owner = Files.getAttribute(process, "unix:uid");
    if (!owner.equals(Files.getAttribute(folder, "unix:uid"))) {
      for (String name : new String[] {PASSWORDS, RIGHTS, SETTINGS}) {
        Files.setAttribute(folder.resolve(name), "unix:uid", owner);
      }
      Files.setAttribute(folder, "unix:uid", owner); // last: until now nobody could put links here
    }
  }

  /**
   * Reads those of another command, from the path of their settings in the other process; null if
   * they are none of ours, or gone.
   */
  static @Nullable AgentFiles read(long pid, String settingsThere) throws IOException {
    Path there = Path.of(settingsThere).toAbsolutePath().getParent();
    if (there == null || !there.getFileName().toString().startsWith(PREFIX)) {
      return null;
    }
    Path folder = ProcessFacts.root(pid).resolve(Path.of("/").relativize(there).toString());
    if (!Files.exists(folder.resolve(SETTINGS))) {
      return null;
    }
    Properties settings = new Properties();
    try (InputStream in = Files.newInputStream(folder.resolve(SETTINGS))) {
      settings.load(in);
    }
    String password = Files.readString(folder.resolve(PASSWORDS)).substring(USER.length()).strip();
    int port = Integer.parseInt(settings.getProperty(SETTING + "port"));
    return new AgentFiles(folder, there, port, password);
  }

  int port() {
    return port;
  }

  String password() {
    return password;
  }

  /** The path of the settings in the other process. */
  String settingsThere() {
    return folderThere.resolve(SETTINGS).toString();
  }

  void delete() {
    for (String name : new String[] {PASSWORDS, RIGHTS, SETTINGS, ""}) {
      try {
        Files.deleteIfExists(folder.resolve(name));
      } catch (IOException e) {
        // the other process, or another command, may have deleted them already
      }
    }
  }
}
