"""A peer of the micro benchmarks: trio. Prints lines `name value unit`.

Argument: a divisor for the sizes. Trio has no callbacks, no handles of timers and no gather.
"""

import gc
import resource
import sys
import time

import trio

SCALE = int(sys.argv[1]) if len(sys.argv) > 1 else 1


def report(name, value, unit="ns"):
    print(f"{name} {value:.1f} {unit}", flush=True)


async def switching(tasks, switches):
    async def turn():
        for _ in range(switches):
            await trio.lowlevel.checkpoint()

    start = time.perf_counter_ns()
    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(turn)
    return (time.perf_counter_ns() - start) / (tasks * switches)


async def spawning(rounds, tasks):
    async def nothing():
        pass

    start = time.perf_counter_ns()
    for _ in range(rounds):
        async with trio.open_nursery() as nursery:
            for _ in range(tasks):
                nursery.start_soon(nothing)
    return (time.perf_counter_ns() - start) / (rounds * tasks)


async def ping_pong(rounds):
    to_server, at_server = trio.open_memory_channel(1)
    to_client, at_client = trio.open_memory_channel(1)

    async def serve():
        for _ in range(rounds):
            await to_client.send(await at_server.receive())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        start = time.perf_counter_ns()
        for i in range(rounds):
            await to_server.send(i)
            await at_client.receive()
        return (time.perf_counter_ns() - start) / rounds


async def offloading(calls):
    start = time.process_time_ns()
    for _ in range(calls):
        await trio.to_thread.run_sync(int)
    return (time.process_time_ns() - start) / calls


async def sleeping(sleepers, nap):
    first = last = awake = 0
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter_ns()
    deadline = trio.current_time() + nap

    async def sleeper():
        nonlocal first, last, awake
        await trio.sleep_until(deadline)
        last = time.perf_counter_ns()
        if awake == 0:
            first = last
        awake += 1

    async with trio.open_nursery() as nursery:
        for _ in range(sleepers):
            nursery.start_soon(sleeper)
        await trio.lowlevel.checkpoint()
        create = (time.perf_counter_ns() - start) / sleepers
        live = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / sleepers
    return create, (last - first) / sleepers, live


def main():
    create, wake, live = trio.run(sleeping, 100_000 // SCALE, 8 / SCALE)
    report("sleep_create", create)
    report("sleep_wake", wake)
    report("sleep_live", live, "bytes")
    report("switch", trio.run(switching, 1_000, 300 // SCALE))
    report("switch1", trio.run(switching, 1, 200_000 // SCALE))
    report("spawn", trio.run(spawning, 10, 5_000))
    report("pingpong", trio.run(ping_pong, 50_000 // SCALE))
    report("offload", trio.run(offloading, 5_000 // SCALE), "cpu-ns")


main()
