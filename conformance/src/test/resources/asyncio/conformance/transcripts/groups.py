# Task groups: order of ends, failures, cancellations. (CPython cancels several children in no certain order: one each.)
import asyncio


def why(e):
    return e.args[0] if e.args else "none"


async def work(name, delay, how="ends"):
    print(f"{name} begins")
    try:
        await asyncio.sleep(delay)
        if how == "fails":
            print(f"{name} fails")
            raise ValueError(name)
        print(f"{name} ends")
        return name
    except asyncio.CancelledError as e:
        print(f"{name} cancelled")
        if how == "fails when cancelled":
            raise ValueError(f"{name} in clean-up")
        if how == "is slow to end":
            await asyncio.sleep(0.2)
            print(f"{name} cleaned up")
        raise


def show(group):
    return "[" + ", ".join(show(e) if isinstance(e, BaseExceptionGroup) else str(e) for e in group.exceptions) + "]"


async def main():
    print("-- all end")
    async with asyncio.TaskGroup() as tg:
        a = tg.create_task(work("a", 0.2))
        b = tg.create_task(work("b", 0.1))
        print("body ends")
    print(a.result(), b.result(), asyncio.current_task().cancelling())

    print("-- one fails")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("bad", 0.1, "fails"))
            tg.create_task(work("slow", 0.5, "is slow to end"))
    except ExceptionGroup as e:
        print(show(e), asyncio.current_task().cancelling())

    print("-- two fail")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("also bad", 0.5, "fails when cancelled"))
            tg.create_task(work("bad", 0.1, "fails"))
    except ExceptionGroup as e:
        print(show(e), asyncio.current_task().cancelling())

    print("-- one fails while the body waits")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("bad", 0.1, "fails"))
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                print("body cancelled")
                raise
    except ExceptionGroup as e:
        print(show(e), asyncio.current_task().cancelling())

    print("-- the body fails")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("long", 1))
            await asyncio.sleep(0)
            raise ValueError("body")
    except ExceptionGroup as e:
        print(show(e))

    print("-- nested")
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(work("outer", 0.5))
            async with asyncio.TaskGroup() as inner:
                inner.create_task(work("inner", 0.5))
                inner.create_task(work("bad", 0.1, "fails"))
    except ExceptionGroup as e:
        print(show(e))

    print("-- cancelled from outside")

    async def parent():
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(work("slow child", 1, "is slow to end"))
        except asyncio.CancelledError as e:
            print("parent cancelled")
            raise

    t = asyncio.create_task(parent())
    await asyncio.sleep(0.1)
    t.cancel("outside")
    await asyncio.wait([t])
    print(t.cancelled(), t.cancelling())

    print("-- cancelled from outside while a child fails")

    async def parent_of_bad():
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("child", 1, "fails when cancelled"))

    t = asyncio.create_task(parent_of_bad())
    await asyncio.sleep(0.1)
    t.cancel("outside")
    await asyncio.wait([t])
    print(t.cancelled(), t.cancelling(), show(t.exception()))

    print("-- cancelled from outside after the body failed")

    async def parent_that_fails():
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(work("slow child", 1, "is slow to end"))
                await asyncio.sleep(0.1)
                raise ValueError("body")
        except ExceptionGroup as e:
            print(show(e), asyncio.current_task().cancelling())
        await asyncio.sleep(0)
        print("never")

    t = asyncio.create_task(parent_that_fails())
    await asyncio.sleep(0.2)
    t.cancel("outside")
    await asyncio.wait([t])
    print(t.cancelled(), t.cancelling())

    print("-- a child cancels itself, and adds another")
    async with asyncio.TaskGroup() as tg:

        async def cancels_itself():
            asyncio.current_task().cancel()
            await asyncio.sleep(0)

        async def adds():
            await asyncio.sleep(0.1)
            tg.create_task(work("added", 0.1))

        c = tg.create_task(cancels_itself())
        tg.create_task(adds())
    print(c.cancelled())

    print("-- with a timeout around it")
    try:
        async with asyncio.timeout(0.1):
            async with asyncio.TaskGroup() as tg:
                tg.create_task(work("too long", 1))
    except TimeoutError:
        print("timed out", asyncio.current_task().cancelling())


asyncio.run(main())
