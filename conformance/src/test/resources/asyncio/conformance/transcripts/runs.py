# A loop that is run, stopped and run again, and what is reported meanwhile.
import asyncio


def handler(loop, context):
    e = context.get("exception")
    kind = "callback" if context["message"].startswith("Exception in callback") else context["message"]
    print(f"reported: {kind}: {e}")


def fail(text):
    raise ValueError(text)


async def work(name, turns):
    for turn in range(turns):
        print(f"{name} turn {turn}")
        await asyncio.sleep(0)
    return name


loop = asyncio.new_event_loop()
loop.set_exception_handler(handler)
print("-- run until complete, twice")
long = loop.create_task(work("long", 5))
print(loop.run_until_complete(work("short", 2)))
print(long.done())
print(loop.run_until_complete(long))

print("-- stop before the run")
loop.call_soon(print, "one iteration")
loop.call_soon(loop.call_soon, print, "not in this run")
loop.stop()
loop.run_forever()
print("stopped")

print("-- stop in the middle")
loop.call_soon(print, "before stop")
loop.call_soon(loop.stop)
loop.call_soon(print, "after stop")
loop.call_soon(loop.call_soon, print, "queued by the last iteration")
loop.run_forever()
print("stopped")

print("-- failing callbacks")
loop.call_soon(fail, "first")
loop.call_soon(print, "next callback")
fut = loop.create_future()
fut.add_done_callback(lambda f: fail("done callback"))
fut.add_done_callback(lambda f: print("next done callback"))
fut.set_result("value")
loop.call_later(0.1, fail, "timer")
loop.run_until_complete(asyncio.sleep(0.2))
print(fut.result())

print("-- a run that is stopped too early")
main = loop.create_task(work("main", 3))
loop.call_soon(loop.stop)
try:
    loop.run_until_complete(main)
except RuntimeError as e:
    print("stopped before the end")
print(loop.run_until_complete(main))

print("-- failing mains")


async def fails():
    await asyncio.sleep(0)
    raise ValueError("main failed")


try:
    loop.run_until_complete(fails())
except ValueError as e:
    print(e)


async def cancels_itself():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


try:
    loop.run_until_complete(cancels_itself())
except asyncio.CancelledError:
    print("main cancelled")


async def exits():
    loop.call_soon(print, "left in the queue")
    raise KeyboardInterrupt("exit")


try:
    loop.run_until_complete(exits())
except KeyboardInterrupt as e:
    print("exit leaves the run")
loop.run_until_complete(work("after the exit", 1))
loop.close()
try:
    loop.call_soon(print)
except RuntimeError as e:
    print(e)
