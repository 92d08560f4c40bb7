"""A peer of the micro benchmarks: CPython's asyncio, or uvloop. Prints lines `name value unit`.

Arguments: asyncio or uvloop; a divisor for the sizes.
"""

import asyncio
import gc
import random
import resource
import sys
import time

SCALE = int(sys.argv[2]) if len(sys.argv) > 2 else 1
LOOP_FACTORY = asyncio.new_event_loop
if sys.argv[1] == "uvloop":
    import uvloop

    LOOP_FACTORY = uvloop.new_event_loop


def run(main):
    loop = LOOP_FACTORY()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


def report(name, value, unit="ns"):
    print(f"{name} {value:.1f} {unit}", flush=True)


async def switching(tasks, switches):
    async def turn():
        for _ in range(switches):
            await asyncio.sleep(0)

    start = time.perf_counter_ns()
    for task in [asyncio.create_task(turn()) for _ in range(tasks)]:
        await task
    return (time.perf_counter_ns() - start) / (tasks * switches)


async def spawning(rounds, tasks):
    async def nothing():
        pass

    start = time.perf_counter_ns()
    for _ in range(rounds):
        for task in [asyncio.create_task(nothing()) for _ in range(tasks)]:
            await task
    return (time.perf_counter_ns() - start) / (rounds * tasks)


async def ping_pong(rounds):
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def serve():
        for _ in range(rounds):
            await back.put(await there.get())

    server = asyncio.create_task(serve())
    start = time.perf_counter_ns()
    for i in range(rounds):
        await there.put(i)
        await back.get()
    nanos = (time.perf_counter_ns() - start) / rounds
    await server
    return nanos


async def gathering(children):
    async def child():
        await asyncio.sleep(0)
        return True

    start = time.perf_counter_ns()
    await asyncio.gather(*[child() for _ in range(children)])
    return (time.perf_counter_ns() - start) / children


def in_loop(schedule):
    """Runs callbacks until one of them stops the loop."""
    loop = LOOP_FACTORY()
    try:
        return schedule(loop)
    finally:
        loop.close()


def call_soon(loop, batches, batch=10_000):
    left = batches

    def nothing():
        pass

    def next_batch():
        nonlocal left
        if left == 0:
            loop.stop()
            return
        left -= 1
        for _ in range(batch - 1):
            loop.call_soon(nothing)
        loop.call_soon(next_batch)

    loop.call_soon(next_batch)
    start = time.perf_counter_ns()
    loop.run_forever()
    return (time.perf_counter_ns() - start) / (batches * batch)


def timer_cancel(loop, timers):
    def nothing():
        pass

    start = time.perf_counter_ns()
    for handle in [loop.call_later(3600, nothing) for _ in range(timers)]:
        handle.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    return (time.perf_counter_ns() - start) / timers


def timer_fire(loop, timers):
    dice = random.Random(3156)
    left = timers

    def fired():
        nonlocal left
        left -= 1
        if left == 0:
            loop.stop()

    start = time.thread_time_ns()
    origin = loop.time()
    for _ in range(timers):
        loop.call_at(origin + dice.random() / 2, fired)
    loop.run_forever()
    return (time.thread_time_ns() - start) / timers


async def offloading(calls):
    loop = asyncio.get_running_loop()
    start = time.process_time_ns()
    for _ in range(calls):
        await loop.run_in_executor(None, int)
    nanos = (time.process_time_ns() - start) / calls
    await loop.shutdown_default_executor()
    return nanos


async def sleeping(sleepers, nap):
    loop = asyncio.get_running_loop()
    first = last = awake = 0
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter_ns()
    deadline = loop.time() + nap

    async def sleeper():
        nonlocal first, last, awake
        await asyncio.sleep(deadline - loop.time())
        last = time.perf_counter_ns()
        if awake == 0:
            first = last
        awake += 1

    tasks = [asyncio.create_task(sleeper()) for _ in range(sleepers)]
    await asyncio.sleep(0)
    create = (time.perf_counter_ns() - start) / sleepers
    live = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / sleepers
    for task in tasks:
        await task
    return create, (last - first) / sleepers, live


def main():
    # First, since the peak of resident memory never goes down.
    create, wake, live = run(sleeping(200_000 // SCALE, 8 / SCALE))
    report("sleep_create", create)
    report("sleep_wake", wake)
    report("sleep_live", live, "bytes")
    report("switch", run(switching(1_000, 1_000 // SCALE)))
    report("switch1", run(switching(1, 500_000 // SCALE)))
    report("spawn", run(spawning(10, 10_000)))
    report("pingpong", run(ping_pong(100_000 // SCALE)))
    report("gather", run(gathering(100_000 // SCALE)))
    report("callsoon", in_loop(lambda loop: call_soon(loop, 100 // SCALE)))
    report("timer_cancel", in_loop(lambda loop: timer_cancel(loop, 300_000 // SCALE)))
    report("timer_fire", in_loop(lambda loop: timer_fire(loop, 300_000 // SCALE)), "cpu-ns")
    report("offload", run(offloading(10_000 // SCALE)), "cpu-ns")


main()
