# wait, wait_for, as_completed and shield.
import asyncio


def why(e):
    return e.args[0] if e.args else "none"


async def work(name, delay, how="ends"):
    try:
        await asyncio.sleep(delay)
        if how == "fails":
            raise ValueError(name)
        print(f"{name} ends")
        return name
    except asyncio.CancelledError as e:
        print(f"{name} cancelled {why(e)}")
        if how == "swallows":
            return f"{name} swallowed"
        if how == "is slow to end":
            await asyncio.sleep(0.2)
            print(f"{name} cleaned up")
        raise


def names(tasks):
    return sorted(t.get_name() for t in tasks)


def spawn(name, delay, how="ends"):
    return asyncio.create_task(work(name, delay, how), name=name)


async def main():
    print("-- wait")
    tasks = [spawn("a", 0.3), spawn("b", 0.1), spawn("c", 0.2, "fails"), spawn("d", 0.5)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(names(done), names(pending))
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
    print(names(done), names(pending), [str(t.exception()) for t in done])
    done, pending = await asyncio.wait(pending, timeout=0.2)
    print(names(done), names(pending))
    waiter = asyncio.create_task(asyncio.wait(pending))
    await asyncio.sleep(0)
    waiter.cancel()
    try:
        await waiter
    except asyncio.CancelledError:
        print(f"waiter cancelled, members pending: {[not t.done() for t in pending]}")
    done, pending = await asyncio.wait(pending)
    print(names(done), names(pending))

    print("-- wait_for")
    print(await asyncio.wait_for(work("quick", 0.1), 0.2))
    for how in ["ends", "swallows", "is slow to end", "fails"]:
        try:
            print(await asyncio.wait_for(work(f"{how} late", 0.3, how), 0.1))
        except TimeoutError:
            print("timed out")
    outer = asyncio.create_task(asyncio.wait_for(work("inner", 0.5), 0.3))
    await asyncio.sleep(0.1)
    outer.cancel("outside")
    try:
        await outer
    except asyncio.CancelledError as e:
        print(f"cancelled {why(e)}")

    print("-- shield")
    inner = spawn("shielded", 0.2)

    async def caller():
        try:
            return await asyncio.shield(inner)
        except asyncio.CancelledError as e:
            print(f"caller cancelled {why(e)}")
            raise

    t = asyncio.create_task(caller())
    await asyncio.sleep(0.1)
    t.cancel("caller")
    await asyncio.wait([t])
    print(t.cancelled(), inner.done())
    print(await inner)
    inner = spawn("cancelled inside", 0.2)
    t = asyncio.create_task(caller())
    await asyncio.sleep(0.1)
    inner.cancel("inner")
    await asyncio.wait([t])
    print(t.cancelled(), t.cancelling())

    print("-- as_completed")
    tasks = [spawn("third", 0.3), spawn("first", 0.1), spawn("second", 0.2, "fails")]
    for item in asyncio.as_completed(tasks):
        try:
            print(f"got {await item}")
        except ValueError as e:
            print(f"failure {e}")
    tasks = [spawn("in time", 0.1), spawn("too late", 0.3)]
    for item in asyncio.as_completed(tasks, timeout=0.2):
        try:
            print(f"got {await item}")
        except TimeoutError:
            print("timed out")
    print(await tasks[1])


asyncio.run(main())
