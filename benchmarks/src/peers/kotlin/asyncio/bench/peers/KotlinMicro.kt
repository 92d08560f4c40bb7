package asyncio.bench.peers

import asyncio.bench.Gauges
import java.lang.management.ManagementFactory
import kotlin.random.Random
import kotlin.system.exitProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield

/**
 * A peer of the micro benchmarks: Kotlin coroutines on one thread, the loop of `runBlocking`. Prints lines
 * `name value unit`. Argument: a divisor for the sizes.
 */
object KotlinMicro {
    private fun median(runs: Int, body: () -> Double): Double {
        repeat(3) { body() }
        return List(runs) { body() }.sorted()[runs / 2]
    }

    private fun report(name: String, unit: String = "ns", body: () -> Double) =
        println("%s %.1f %s".format(java.util.Locale.ROOT, name, median(3, body), unit))

    private fun switching(tasks: Int, switches: Int) = runBlocking {
        val start = System.nanoTime()
        List(tasks) { launch { repeat(switches) { yield() } } }.joinAll()
        (System.nanoTime() - start) / (tasks.toDouble() * switches)
    }

    private fun spawning(rounds: Int, tasks: Int) = runBlocking {
        val start = System.nanoTime()
        repeat(rounds) { List(tasks) { launch {} }.forEach { it.join() } }
        (System.nanoTime() - start) / (rounds.toDouble() * tasks)
    }

    private fun pingPong(rounds: Int) = runBlocking {
        val there = Channel<Int>(1)
        val back = Channel<Int>(1)
        val server = launch { repeat(rounds) { back.send(there.receive()) } }
        val start = System.nanoTime()
        repeat(rounds) {
            there.send(it)
            back.receive()
        }
        val nanos = (System.nanoTime() - start) / rounds.toDouble()
        server.join()
        nanos
    }

    private fun gathering(children: Int) = runBlocking {
        val start = System.nanoTime()
        List(children) {
            async {
                yield()
                true
            }
        }.awaitAll()
        (System.nanoTime() - start) / children.toDouble()
    }

    /** Each timer is a coroutine that waits: there are no others. */
    private fun timerFire(timers: Int) = runBlocking {
        val cpu = ManagementFactory.getThreadMXBean()
        val dice = Random(3156)
        val start = cpu.currentThreadCpuTime
        List(timers) { launch { delay(dice.nextLong(500)) } }.joinAll()
        (cpu.currentThreadCpuTime - start) / timers.toDouble()
    }

    private fun offloading(calls: Int) = runBlocking {
        val start = Gauges.cpuNanos()
        repeat(calls) { withContext(Dispatchers.IO) {} }
        (Gauges.cpuNanos() - start) / calls.toDouble()
    }

    private fun sleeping(sleepers: Int, nap: Long) = runBlocking {
        var first = 0L
        var last = 0L
        var awake = 0
        val before = Gauges.liveHeap()
        val start = System.nanoTime()
        val deadline = start / 1_000_000 + nap
        val all = List(sleepers) {
            launch {
                delay(deadline - System.nanoTime() / 1_000_000)
                last = System.nanoTime()
                if (awake++ == 0) first = last
            }
        }
        yield()
        val create = (System.nanoTime() - start) / sleepers.toDouble()
        val live = (Gauges.liveHeap() - before) / sleepers.toDouble()
        all.joinAll()
        Triple(create, (last - first) / sleepers.toDouble(), live)
    }

    @JvmStatic
    fun main(arguments: Array<String>) {
        val scale = arguments.firstOrNull()?.toInt() ?: 1
        report("switch") { switching(1_000, 2_000 / scale) }
        report("switch1") { switching(1, 1_000_000 / scale) }
        report("spawn") { spawning(10, 10_000) }
        report("pingpong") { pingPong(200_000 / scale) }
        report("gather") { gathering(100_000 / scale) }
        report("timer_fire", "cpu-ns") { timerFire(200_000 / scale) }
        report("offload", "cpu-ns") { offloading(50_000 / scale) }
        var last = Triple(0.0, 0.0, 0.0)
        repeat(2) { last = sleeping(1_000_000 / scale, 8_000L / scale) }
        println("sleep_create %.1f ns".format(java.util.Locale.ROOT, last.first))
        println("sleep_wake %.1f ns".format(java.util.Locale.ROOT, last.second))
        println("sleep_live %.1f bytes".format(java.util.Locale.ROOT, last.third))
        exitProcess(0)
    }
}
