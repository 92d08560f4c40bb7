package grid;

import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.process.*;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipAdapter;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.core.MemberLeftException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tasks of one loop that send their work to an in-memory data grid of two processes. To run it:
 * {@code ./asyncio run -cp hazelcast-5.7.0.jar examples/grid/Main.java}
 *
 * <p>It shows results that are gathered, jobs that are cancelled in the process where they run, and
 * a member that is killed while it works, whose jobs the other one repeats.
 */
class Main {
  private final HazelcastInstance grid;
  private final IExecutorService jobs;
  private final EventLoop loop = getRunningLoop();

  Main(HazelcastInstance grid) {
    this.grid = grid;
    this.jobs = grid.getExecutorService(Grid.JOBS);
  }

  static void main() {
    run(() -> {
      int port = freePort();
      HazelcastInstance grid = toThread(() -> Grid.join(port)); // blocks for a second or two
      try {
        new Main(grid).demonstrate(port);
      } finally {
        toThread(() -> grid.getLifecycleService().terminate());
      }
    });
  }

  private void demonstrate(int port) throws Exception {
    Future<Member> joined = loop.createFuture();
    whenAMemberJoins(joined);
    try (Subprocess process = startSecondMember(port)) {
      Member second = await(joined);
      System.out.println("members: " + grid.getCluster().getMembers().size());
      gatherResults();
      cancelJobs(second);
      killAMember(second, process);
    }
  }

  /** A callback of the grid's comes on a thread of the grid's; the loop hears of it by a hop. */
  private void whenAMemberJoins(Future<Member> joined) {
    grid.getCluster()
        .addMembershipListener(
            new MembershipAdapter() {
              @Override
              public void memberAdded(MembershipEvent event) {
                loop.callSoonThreadsafe(() -> joined.setResult(event.getMember()));
              }
            });
  }

  /** Jobs go to whichever member; {@code runInExecutor} sends them, as they are serializable. */
  private void gatherResults() {
    List<Future<CountPrimes.Counted>> counts = new ArrayList<>();
    for (int from = 0; from < 100_000; from += 2_000) {
      counts.add(loop.runInExecutor(jobs, new CountPrimes(from, from + 2_000, 0)));
    }
    List<CountPrimes.Counted> results = await(gather(counts));
    int primes = results.stream().mapToInt(CountPrimes.Counted::primes).sum();
    var processes =
        results.stream().map(CountPrimes.Counted::pid).collect(Collectors.toSet()).size();
    System.out.println(primes + " primes below 100000, counted by " + processes + " processes");
  }

  /**
   * Each member makes four jobs at a time. Were those that the timeout cancels to go on, the job
   * after them would wait for an hour.
   */
  private void cancelJobs(Member second) {
    var hour = new CountPrimes(0, 10, 3_600_000);
    try {
      timeout(
          millis(300),
          () ->
              taskGroup(tasks -> {
                for (int i = 0; i < Grid.JOBS_AT_A_TIME; i++) {
                  tasks.createTask(() -> await(onMember(second, hour)));
                }
              }));
    } catch (asyncio.TimeoutException e) {
      System.out.println("time is up: the jobs of the second member are cancelled");
    }
    int primes = await(onMember(second, new CountPrimes(0, 10, 0))).primes();
    System.out.println("it goes on with others: " + primes + " primes below 10");
  }

  /** The grid's own methods return futures of another kind; a loop awaits those too. */
  private Future<CountPrimes.Counted> onMember(Member member, CountPrimes job) {
    return wrapFuture(jobs.submitToMember(job, member));
  }

  private void killAMember(Member second, Subprocess process) {
    List<Coroutine<CountPrimes.Counted>> counts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      var job = new CountPrimes(i * 100, i * 100 + 100, 3_000);
      counts.add(() -> countInSpiteOfLoss(second, job));
    }
    Future<List<CountPrimes.Counted>> all = gather(counts);
    sleep(millis(200)); // they are under way
    process.kill();
    System.out.println("killed the second member");
    List<CountPrimes.Counted> results = await(all);
    long here = ProcessHandle.current().pid();
    System.out.println(
        results.stream().mapToInt(CountPrimes.Counted::primes).sum()
            + " primes below 400, all counted by the first member: "
            + results.stream().allMatch(each -> each.pid() == here));
  }

  /** A job that may be made twice is sent again when its member has left the grid. */
  private CountPrimes.Counted countInSpiteOfLoss(Member member, CountPrimes job) {
    try {
      return await(onMember(member, job), MemberLeftException.class);
    } catch (MemberLeftException e) {
      return await(loop.runInExecutor(jobs, job));
    }
  }

  private static Subprocess startSecondMember(int port) throws IOException {
    Path program =
        Path.of(System.getProperty("jdk.launcher.sourcefile")).resolveSibling("SecondMember.java");
    return createSubprocessExec(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1", // a quick start counts here
            "-cp",
            System.getProperty("java.class.path"),
            program.toString(),
            Integer.toString(port)),
        ProcessOptions.DEFAULT.withStdin(Redirect.PIPE));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
