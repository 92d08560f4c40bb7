package asyncio.tools;

import com.sun.tools.attach.AttachOperationFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.server.RMISocketFactory;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import javax.management.RuntimeMBeanException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * A look into another JVM: an object of the class {@code asyncio.inspect.Probe} there, and the
 * connection over which it is asked.
 *
 * <p>The other JVM prepared nothing. Over the attach socket it is told to start its management
 * agent, on a port of the loopback address and with a password that only its user can read; the
 * probe is created through that. {@link #close} removes the probe and stops the agent, which closes
 * the port. Should this command die before, the probe does the same after a while.
 *
 * <p>Several commands may look into one JVM at the same time: they share the agent that the first
 * one started, and the last one stops it.
 */
@SuppressWarnings("BanJNDI") // connects to a process of the same user, on this machine
final class Inspection implements AutoCloseable {
  /** The class of the probe, part of the library. */
  static final String PROBE = "asyncio.inspect.Probe";

  private static final String DOMAIN = "asyncio.inspect:type=Probe";
  private static final Pattern SETTINGS =
      Pattern.compile("com\\.sun\\.management\\.config\\.file = (\\S+)");
  private static final String LOCAL_ADDRESS = "com.sun.management.jmxremote.localConnectorAddress";
  private static final int ATTEMPTS = 5;

  /** For how long a command may be silent before it is taken for dead. */
  private static final int SILENCE_SECONDS = 30;

  static {
    loopbackOnly();
  }

  private final Jvm jvm;
  private final JMXConnector connector;
  private final MBeanServerConnection server;
  private final ObjectName probe;

  /** Those of the agent that the commands share; null if the agent is another one. */
  private final @Nullable AgentFiles files;

  /** So that Ctrl-C, too, leaves nothing open. */
  private final Thread hook = new Thread(this::release, "asyncio-release");

  private boolean released;

  private Inspection(Jvm jvm, JMXConnector connector, ObjectName probe, @Nullable AgentFiles files)
      throws IOException {
    this.jvm = jvm;
    this.connector = connector;
    this.server = connector.getMBeanServerConnection();
    this.probe = probe;
    this.files = files;
  }

  /**
   * Looks into a process.
   *
   * @throws UserError if that is not possible, with the reason
   */
  static Inspection open(long pid) throws UserError {
    return open(pid, SILENCE_SECONDS);
  }

  /**
   * As {@link #open(long)}.
   *
   * @param silenceSeconds how long after the last call the other side cleans up by itself
   */
  static Inspection open(long pid, int silenceSeconds) throws UserError {
    Jvm jvm = Jvm.attach(pid);
    try {
      if (!jvm.usesLibrary()) {
        throw new UserError("process " + pid + " is a JVM, but it does not use asyncio (yet)");
      }
      return open(jvm, silenceSeconds);
    } catch (UserError e) {
      jvm.close();
      throw e;
    } catch (IOException e) {
      jvm.close();
      throw new UserError("process %d cannot be looked into: %s".formatted(pid, e.getMessage()), e);
    }
  }

  private static Inspection open(Jvm jvm, int silenceSeconds) throws UserError, IOException {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Fails now and then: another process takes the free port, another command stops the agent.
      try {
        return connect(jvm, silenceSeconds);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static Inspection connect(Jvm jvm, int silenceSeconds) throws UserError, IOException {
    String local = jvm.machine().getAgentProperties().getProperty(LOCAL_ADDRESS);
    if (local != null) {
      return create(
          jvm, JMXConnectorFactory.connect(new JMXServiceURL(local)), null, silenceSeconds);
    }
    AgentFiles files = AgentFiles.create(jvm.pid(), freePort());
    boolean kept = false;
    try {
      AgentFiles inForce = start(jvm, files);
      if (inForce == null) {
        // The program has an agent of its own choice, with a key that nobody here knows.
        local = jvm.machine().startLocalManagementAgent();
        return create(
            jvm, JMXConnectorFactory.connect(new JMXServiceURL(local)), null, silenceSeconds);
      }
      Inspection inspection = create(jvm, connect(inForce), inForce, silenceSeconds);
      kept = inForce == files;
      return inspection;
    } finally {
      if (!kept) {
        files.delete();
      }
    }
  }

  /**
   * Gives the files of the agent that runs then, which may be another command's; null if foreign.
   */
  private static @Nullable AgentFiles start(Jvm jvm, AgentFiles files) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("com.sun.management.config.file", files.settingsThere());
    try {
      jvm.machine().startManagementAgent(settings);
      return files;
    } catch (AttachOperationFailedException e) {
      if (!String.valueOf(e.getMessage()).contains("already started")) {
        throw e;
      }
      Matcher path = SETTINGS.matcher(jvm.command("ManagementAgent.status"));
      return path.find() ? AgentFiles.read(jvm.pid(), path.group(1)) : null;
    }
  }

  private static JMXConnector connect(AgentFiles files) throws IOException {
    return JMXConnectorFactory.connect(
        new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + files.port() + "/jmxrmi"),
        Map.of(JMXConnector.CREDENTIALS, new String[] {AgentFiles.USER, files.password()}));
  }

  private static Inspection create(
      Jvm jvm, JMXConnector connector, @Nullable AgentFiles files, int silenceSeconds)
      throws UserError, IOException {
    try {
      ObjectName name = new ObjectName(DOMAIN + ",id=" + UUID.randomUUID());
      connector.getMBeanServerConnection().createMBean(PROBE, name);
      Inspection inspection = new Inspection(jvm, connector, name, files);
      Runtime.getRuntime().addShutdownHook(inspection.hook);
      inspection.call(
          "expectCalls",
          name.toString(),
          files == null ? "" : files.settingsThere(),
          silenceSeconds);
      return inspection;
    } catch (ReflectionException e) {
      connector.close();
      throw new UserError(
          "process %d has asyncio in a class loader of its own, where it cannot be found from outside"
              .formatted(jvm.pid()),
          e);
    } catch (InstanceAlreadyExistsException e) {
      throw new AssertionError(e); // a random name
    } catch (JMException e) {
      connector.close();
      throw new IOException(e.toString(), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The agent listens on the loopback address, whatever host name it gives to its clients. */
  private static void loopbackOnly() {
    try {
      RMISocketFactory.setSocketFactory(
          new RMISocketFactory() {
            @Override
            public Socket createSocket(String host, int port) throws IOException {
              return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
            }

            @Override
            public ServerSocket createServerSocket(int port) throws IOException {
              return new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
            }
          });
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Calls a method of the probe. */
  String call(String method, Object... arguments) throws UserError {
    String[] types = new String[arguments.length];
    for (int i = 0; i < types.length; i++) {
      types[i] =
          switch (arguments[i]) {
            case Integer _ -> "int";
            case Boolean _ -> "boolean";
            case Object other -> other.getClass().getName();
          };
    }
    try {
      return String.valueOf(server.invoke(probe, method, arguments, types));
    } catch (RuntimeMBeanException e) {
      throw new UserError(String.valueOf(e.getTargetException().getMessage()), e);
    } catch (JMException e) {
      throw new UserError("process %d: %s".formatted(jvm.pid(), e.getMessage()), e);
    } catch (IOException e) {
      throw new UserError("process %d has ended".formatted(jvm.pid()), e);
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook is running
    }
    release();
  }

  private synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    boolean last = false;
    try {
      server.invoke(probe, "expectNoCalls", null, null);
      server.unregisterMBean(probe);
      last = server.queryNames(new ObjectName(DOMAIN + ",*"), null).isEmpty();
      connector.close();
    } catch (IOException | JMException e) {
      last = true; // the process has ended; at most the files are left
    }
    if (last && files != null) {
      try {
        jvm.command("ManagementAgent.stop");
      } catch (IOException e) {
        // as above
      }
      files.delete();
    }
    jvm.close();
  }
}
