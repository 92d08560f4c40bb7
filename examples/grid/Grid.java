package grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;

/**
 * How this program and its second process make members of one grid, which stays on this machine.
 */
class Grid {
  /** The name of the executor: members that know it by this name share it. */
  static final String JOBS = "jobs";

  static final int JOBS_AT_A_TIME = 4;

  /**
   * Joins the grid, or begins one.
   *
   * @param port of the first member; others take the next one that is free
   */
  static HazelcastInstance join(int port) {
    System.setProperty(
        "hazelcast.logging.type", "none"); // what logs before there is a configuration
    Config config = new Config("example").setClassLoader(Grid.class.getClassLoader());
    config
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty("hazelcast.wait.seconds.before.join", "0")
        .setProperty("hazelcast.partition.count", "11"); // few, for a quick start
    var network = config.getNetworkConfig().setPort(port).setPortAutoIncrement(true);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    var join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + port);
    config.getExecutorConfig(JOBS).setPoolSize(JOBS_AT_A_TIME);
    return Hazelcast.newHazelcastInstance(config);
  }

  private Grid() {}
}
