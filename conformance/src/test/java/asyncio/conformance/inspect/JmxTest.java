package asyncio.conformance.inspect;

import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.ClockLoop;
import asyncio.conformance.EachEngine;
import asyncio.inspect.Jmx;
import asyncio.inspect.LoopMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The metrics in JMX. */
class JmxTest {
  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  @EachEngine
  void aRegisteredLoopShowsItsMetrics(Engine engine) throws Exception {
    ClockLoop loop = new ClockLoop(engine);
    Jmx.Registration registration = Jmx.register(loop);
    ObjectName name = new ObjectName(registration.name());
    LoopMXBean bean = JMX.newMXBeanProxy(SERVER, name, LoopMXBean.class);
    loop.runUntilComplete(() -> {
      sleep(Duration.ofSeconds(3));
      loop.advance(Duration.ofSeconds(1));
    });

    assertThat(registration.name()).startsWith("asyncio:type=EventLoop,id=0x");
    assertThat(bean.getLoop()).isEqualTo(loop.toString());
    assertThat(bean.isRunning()).isFalse();
    assertThat(bean.getUtilisation()).isEqualTo(0.25);
    assertThat(bean.getRunningNanos()).isEqualTo(4_000_000_000L);
    assertThat(bean.getIdleNanos()).isEqualTo(3_000_000_000L);
    assertThat(bean.getTasksCreated()).isEqualTo(1);
    assertThat(bean.getTasksSucceeded()).isEqualTo(1);
    assertThat(bean.toJson()).isEqualTo(loop.metrics().toJson());
    for (var attribute : SERVER.getMBeanInfo(name).getAttributes()) {
      assertThat(SERVER.getAttribute(name, attribute.getName())).isNotNull();
    }
    loop.close();
  }

  @EachEngine
  void timingsAreRecordedWhileTheBeanIsToldTo(Engine engine) throws Exception {
    ClockLoop loop = new ClockLoop(engine);
    LoopMXBean bean =
        JMX.newMXBeanProxy(SERVER, new ObjectName(Jmx.register(loop).name()), LoopMXBean.class);
    assertThat(bean.getLagMax()).isEqualTo(-1);
    assertThat(bean.getSlowestCallbacks()).isEmpty();
    assertThat(bean.getTimeByCode()).isEmpty();

    bean.setRecording(true);
    loop.callSoon(() -> loop.advance(Duration.ofMillis(8)));
    loop.runUntilComplete(() -> {});
    assertThat(bean.isRecording()).isTrue();
    assertThat(bean.getLagMax()).isEqualTo(8);
    assertThat(bean.getSlowestCallbacks()[0])
        .isEqualTo("8.000 ms " + getClass().getName() + ".lambda");
    assertThat(bean.getTimeByCode()[0])
        .isEqualTo(
            "8.000 ms in 2 calls, the longest 8.000 ms: " + getClass().getName() + ".lambda");

    bean.setRecording(false);
    assertThat(loop.metrics().timings()).isNull();
    loop.close();
  }

  @EachEngine
  void closingTheLoopTakesTheBeanOut(Engine engine) throws Exception {
    ClockLoop loop = new ClockLoop(engine);
    ObjectName name = new ObjectName(Jmx.register(loop).name());
    assertThat(SERVER.isRegistered(name)).isTrue();

    loop.close();
    assertThat(SERVER.isRegistered(name)).isFalse();
    assertThatThrownBy(() -> Jmx.register(loop))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Event loop is closed: ");
  }

  @EachEngine
  void aLoopIsRegisteredOnceAndCanBeTakenOutAndIn(Engine engine) throws Exception {
    ClockLoop loop = new ClockLoop(engine);
    Jmx.Registration first = Jmx.register(loop);
    assertThat(Jmx.register(loop)).isSameAs(first);

    first.close();
    first.close();
    ObjectName name = new ObjectName(first.name());
    assertThat(SERVER.isRegistered(name)).isFalse();

    Jmx.register(loop);
    assertThat(SERVER.isRegistered(name)).isTrue();
    loop.close();
  }
}
