# Callbacks, timers and tasks that take turns.
import asyncio
import contextvars

var = contextvars.ContextVar("var", default="none")


def ticker(loop, counter, last):
    counter[0] += 1
    if counter[0] < last:
        loop.call_soon(ticker, loop, counter, last)


async def worker(name, turns, tick):
    for turn in range(turns):
        print(f"{name} turn {turn} at tick {tick[0]}")
        await asyncio.sleep(0)
    print(f"{name} ends at tick {tick[0]}")
    return name


def chain(loop, name, left, tick):
    print(f"{name} link {left} at tick {tick[0]}")
    if left:
        loop.call_soon(chain, loop, name, left - 1, tick)


async def main():
    loop = asyncio.get_running_loop()
    tick = [0]
    loop.call_soon(ticker, loop, tick, 12)
    a = asyncio.create_task(worker("a", 3, tick))
    loop.call_soon(chain, loop, "x", 3, tick)
    b = asyncio.create_task(worker("b", 1, tick))
    loop.call_soon(chain, loop, "y", 1, tick)
    fut = loop.create_future()
    fut.add_done_callback(lambda f: print(f"first callback {f.result()} at tick {tick[0]}"))

    def second(f):
        print(f"second callback at tick {tick[0]}")
        f.add_done_callback(lambda f: print(f"added late at tick {tick[0]}"))

    fut.add_done_callback(second)
    removed = lambda f: print("never")
    fut.add_done_callback(removed)
    fut.add_done_callback(removed)
    print(f"removed {fut.remove_done_callback(removed)}")
    print(f"main at tick {tick[0]}")
    print(f"got {await b} at tick {tick[0]}")
    fut.set_result("value")
    print(f"set at tick {tick[0]}")
    print(f"got {await fut} without waiting at tick {tick[0]}")
    print(f"got {await a} at tick {tick[0]}")
    handle = loop.call_soon(lambda: print("never"))
    handle.cancel()

    var.set("main")

    def show(name):
        print(f"{name} sees {var.get()}")
        var.set(name)

    loop.call_soon(show, "callback 1")
    context = contextvars.copy_context()
    loop.call_soon(show, "callback 2", context=context)
    loop.call_soon(show, "callback 3", context=context)
    var.set("main later")
    await asyncio.sleep(0)
    print(f"main sees {var.get()}, context has {context[var]}")

    loop.call_later(0.2, print, "timer 0.2")
    loop.call_later(0.1, print, "timer 0.1")
    late = loop.call_later(0.3, print, "never")
    loop.call_later(0.25, late.cancel)
    loop.call_later(-1, print, "timer due already")
    loop.call_soon(print, "soon")
    await asyncio.sleep(0.4)
    print(f"cancelled {late.cancelled()}")


asyncio.run(main())
