# Requests to cancel tasks in every state.
import asyncio


def why(e):
    return e.args[0] if e.args else "none"


async def waits(name, fut, tick, swallow=False):
    try:
        print(f"{name} waits at {tick[0]}")
        result = await fut
        print(f"{name} got {result} at {tick[0]}")
        return result
    except asyncio.CancelledError as e:
        print(f"{name} cancelled {why(e)} at {tick[0]}")
        if swallow:
            return f"{name} swallowed"
        raise
    except ValueError as e:
        print(f"{name} failed {e} at {tick[0]}")
        raise
    finally:
        print(f"{name} leaves at {tick[0]}")


def ticker(loop, tick, last):
    tick[0] += 1
    if tick[0] < last:
        loop.call_soon(ticker, loop, tick, last)


def state(name, task):
    if not task.done():
        text = "pending"
    elif task.cancelled():
        text = "cancelled"
    elif task.exception() is not None:
        text = f"failed {task.exception()}"
    else:
        text = f"result {task.result()}"
    print(f"{name}: {text}, requests {task.cancelling()}")


async def main():
    loop = asyncio.get_running_loop()
    tick = [0]
    loop.call_soon(ticker, loop, tick, 60)

    print("-- before the first step")
    t = asyncio.create_task(waits("early", loop.create_future(), tick))
    print(t.cancel("one"), t.cancel("two"))
    await asyncio.wait([t])
    state("early", t)

    print("-- waiting for a future")
    f = loop.create_future()
    t = asyncio.create_task(waits("plain", f, tick))
    await asyncio.sleep(0)
    print(t.cancel("one"), t.cancel("two"), f.cancelled(), tick[0])
    await asyncio.wait([t])
    state("plain", t)
    try:
        await t
    except asyncio.CancelledError as e:
        print(f"main sees {why(e)} at {tick[0]}")

    print("-- a chain of three")
    f = loop.create_future()
    inner = asyncio.create_task(waits("inner", f, tick))
    middle = asyncio.create_task(waits("middle", inner, tick))
    outer = asyncio.create_task(waits("outer", middle, tick))
    await asyncio.sleep(0)
    print(outer.cancel("chain"), tick[0])
    await asyncio.wait([outer])
    for name, t in [("inner", inner), ("middle", middle), ("outer", outer)]:
        state(name, t)

    print("-- a chain whose end swallows")
    f = loop.create_future()
    inner = asyncio.create_task(waits("inner", f, tick, swallow=True))
    outer = asyncio.create_task(waits("outer", inner, tick))
    await asyncio.sleep(0)
    print(outer.cancel("chain"), tick[0])
    await asyncio.wait([outer])
    for name, t in [("inner", inner), ("outer", outer)]:
        state(name, t)

    print("-- result is there")
    f = loop.create_future()
    t = asyncio.create_task(waits("late", f, tick))
    await asyncio.sleep(0)
    f.set_result("value")
    print(t.cancel("late one"), t.cancel("late two"), f.result())
    await asyncio.wait([t])
    state("late", t)

    print("-- failure is there")
    f = loop.create_future()
    t = asyncio.create_task(waits("late", f, tick))
    await asyncio.sleep(0)
    f.set_exception(ValueError("broken"))
    print(t.cancel("late"), f.exception())
    await asyncio.wait([t])
    state("late", t)

    print("-- future and task")
    f = loop.create_future()
    t = asyncio.create_task(waits("both", f, tick))
    await asyncio.sleep(0)
    print(f.cancel("future"), t.cancel("task"))
    await asyncio.wait([t])
    state("both", t)

    print("-- itself")

    async def itself():
        print(asyncio.current_task().cancel("self"))
        print("still here")
        return await waits("self", loop.create_future(), tick)

    t = asyncio.create_task(itself())
    await asyncio.wait([t])
    state("self", t)

    async def itself_at_the_end():
        asyncio.current_task().cancel("end")
        return "lost"

    t = asyncio.create_task(itself_at_the_end())
    await asyncio.wait([t])
    state("end", t)

    async def itself_and_fails():
        asyncio.current_task().cancel("end")
        raise ValueError("wins")

    t = asyncio.create_task(itself_and_fails())
    await asyncio.wait([t])
    state("fails", t)

    print("-- taken back")

    async def withdrawn():
        asyncio.current_task().cancel()
        print(asyncio.current_task().uncancel())
        await asyncio.sleep(0)
        return "went on"

    t = asyncio.create_task(withdrawn())
    await asyncio.wait([t])
    state("withdrawn", t)
    t = asyncio.create_task(withdrawn())
    t.cancel()
    print(t.uncancel())
    await asyncio.wait([t])
    state("withdrawn", t)


asyncio.run(main())
