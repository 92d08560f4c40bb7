# Eager tasks, nested, failing, cancelled. (Names are passed as arguments: when they are set changed between versions.)
import asyncio
import contextvars

var = contextvars.ContextVar("var", default="none")


def why(e):
    return e.args[0] if e.args else "none"


async def leaf(name, turns=0):
    print(f"{name} begins, var {var.get()}")
    var.set(name)
    try:
        for turn in range(turns):
            await asyncio.sleep(0)
            print(f"{name} turn {turn}, var {var.get()}")
        return name
    except asyncio.CancelledError as e:
        print(f"{name} cancelled {why(e)}")
        raise
    finally:
        print(f"{name} leaves")


async def tree(name, depth, turns):
    me = asyncio.current_task()
    print(f"{name} at depth {depth}")
    if depth:
        left = asyncio.create_task(tree(f"{name}l", depth - 1, turns))
        right = asyncio.create_task(tree(f"{name}r", depth - 1, turns))
        print(f"{name} has {left.done()} {right.done()}, is current {asyncio.current_task() is me}")
        return f"({await left} {await right})"
    for turn in range(turns):
        await asyncio.sleep(0)
    return name


async def fails(name):
    raise ValueError(name)


async def main():
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    loop.set_task_factory(asyncio.eager_task_factory)
    print("-- ends at once")
    t = asyncio.create_task(leaf("done"))
    print(t.done(), t.result(), t.get_coro() is None, asyncio.current_task() is me, var.get(), t.cancel())
    print(len(asyncio.all_tasks()))

    print("-- suspends")
    loop.call_soon(print, "callback before")
    t = asyncio.create_task(leaf("waits", 2))
    loop.call_soon(print, "callback after")
    print(t.done(), len(asyncio.all_tasks()))
    print(await t)

    print("-- trees")
    print(await asyncio.create_task(tree("x", 2, 0)))
    print(await asyncio.create_task(tree("y", 2, 1)))

    print("-- failures")
    t = asyncio.create_task(fails("bad"))
    print(t.done(), t.exception())
    try:
        await t
    except ValueError as e:
        print(f"failure {e}")

    print("-- cancelled")
    t = asyncio.create_task(leaf("cancelled", 5))
    print(t.cancel("early"))
    await asyncio.wait([t])
    print(t.cancelled())

    async def cancels_its_parent(parent):
        parent.cancel("by a child")
        print("child asked for it")

    async def parent():
        asyncio.create_task(cancels_its_parent(asyncio.current_task()))
        print("parent goes on")
        await leaf("in the parent", 1)

    t = asyncio.create_task(parent())
    await asyncio.wait([t])
    print(t.cancelled())

    print("-- gather")
    g = asyncio.gather(leaf("g1"), leaf("g2"))
    print(g.done())
    print(", ".join(await g))

    print("-- from a callback")

    def callback():
        t = asyncio.create_task(leaf("by a callback", 1))
        print(f"callback has {t.done()}, no current task: {asyncio.current_task() is None}")

    loop.call_soon(callback)
    await asyncio.sleep(0)
    print("main again")
    await asyncio.sleep(0)
    loop.set_task_factory(None)
    t = asyncio.create_task(leaf("lazy"))
    print(t.done())
    print(await t)


asyncio.run(main())
