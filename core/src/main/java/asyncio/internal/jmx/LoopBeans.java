package asyncio.internal.jmx;

import asyncio.EventLoop;
import asyncio.inspect.Jmx;
import asyncio.internal.inspect.Insight;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The beans of loops that are registered. Needs the module {@code java.management}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class LoopBeans implements Jmx.Registration {
  /** Those that are registered, by the number of their loop. */
  private static final Map<Long, LoopBeans> REGISTERED = new HashMap<>();

  private final long number;
  private final ObjectName name;
  private final LoopBean bean;

  private LoopBeans(EventLoop loop, long number) {
    this.number = number;
    this.bean = new LoopBean(loop);
    try {
      this.name = new ObjectName("asyncio:type=EventLoop,id=0x" + Long.toHexString(number));
      server().registerMBean(bean, name);
    } catch (JMException e) {
      throw new IllegalStateException("cannot register " + loop + " for JMX: " + e, e);
    }
  }

  public static Jmx.Registration register(EventLoop loop) {
    Insight insight = Objects.requireNonNull(Insight.get());
    long number = insight.numberOf(loop);
    synchronized (REGISTERED) {
      LoopBeans known = REGISTERED.get(number);
      if (known != null) {
        return known;
      }
      LoopBeans made = new LoopBeans(loop, number);
      REGISTERED.put(number, made);
      insight.onEnd(loop, made::close);
      return made;
    }
  }

  private static MBeanServer server() {
    return ManagementFactory.getPlatformMBeanServer();
  }

  @Override
  public String name() {
    return name.toString();
  }

  @Override
  public void close() {
    synchronized (REGISTERED) {
      if (!REGISTERED.remove(number, this)) {
        return;
      }
    }
    bean.setRecording(false);
    try {
      server().unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      // somebody else took it out
    } catch (JMException e) {
      throw new IllegalStateException("cannot take " + name + " out of JMX: " + e, e);
    }
  }
}
