# Gather: order, failures, cancellation.
import asyncio


def why(e):
    return e.args[0] if e.args else "none"


def show(x):
    if isinstance(x, asyncio.CancelledError):
        return "cancelled"
    if isinstance(x, Exception):
        return f"failure {x}"
    return str(x)


async def work(name, turns, how="ends"):
    try:
        for turn in range(turns):
            print(f"{name} turn {turn}")
            await asyncio.sleep(0)
        if how == "fails":
            raise ValueError(name)
        print(f"{name} ends")
        return f"result of {name}"
    except asyncio.CancelledError as e:
        print(f"{name} cancelled {why(e)}")
        if how == "swallows":
            return f"{name} swallowed"
        raise


async def main():
    loop = asyncio.get_running_loop()

    print("-- results in the order of arguments")
    print([show(r) for r in await asyncio.gather(work("a", 3), work("b", 1), work("c", 2))])

    print("-- first failure, the others go on")
    slow = asyncio.create_task(work("slow", 4))
    try:
        await asyncio.gather(slow, work("bad", 1, "fails"), work("worse", 2, "fails"))
    except ValueError as e:
        print(f"main got failure {e}, slow done: {slow.done()}")
    print(await slow)

    print("-- failures as results")
    print([show(r) for r in await asyncio.gather(work("a", 1, "fails"), work("b", 2), return_exceptions=True)])

    print("-- the gather is cancelled")
    children = [asyncio.create_task(work("a", 9)), asyncio.create_task(work("b", 9, "swallows"))]
    g = asyncio.gather(*children)
    g.add_done_callback(lambda f: print(f"gather done, cancelled: {f.cancelled()}"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(g.cancel("enough"), g.done())
    try:
        await g
    except asyncio.CancelledError as e:
        print("main sees the cancellation")
    print([c.cancelled() for c in children], children[1].result())
    print(g.cancel())

    print("-- the caller is cancelled")

    async def caller():
        try:
            await asyncio.gather(work("a", 9), work("b", 9), return_exceptions=True)
        except asyncio.CancelledError as e:
            print("caller cancelled")
            raise

    t = asyncio.create_task(caller())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    t.cancel("caller")
    try:
        await t
    except asyncio.CancelledError:
        print(f"main sees it, caller cancelled: {t.cancelled()}")

    print("-- a child is cancelled")
    child = asyncio.create_task(work("child", 9))
    g = asyncio.gather(child, work("other", 2))
    await asyncio.sleep(0)
    child.cancel("child")
    try:
        await g
    except asyncio.CancelledError:
        print(f"main sees it, gather cancelled: {g.cancelled()}")
    await asyncio.sleep(0)
    child = asyncio.create_task(work("child", 9))
    g = asyncio.gather(child, work("other", 2), return_exceptions=True)
    await asyncio.sleep(0)
    child.cancel("told")
    print([show(r) for r in await g])

    print("-- the same twice, and done ones")
    f = loop.create_future()
    f.set_result("done")
    t = asyncio.create_task(work("t", 1))
    print([show(r) for r in await asyncio.gather(f, t, f, t)])
    g = asyncio.gather(f)
    print(g.done())
    print(await g)
    print(await asyncio.gather())


asyncio.run(main())
