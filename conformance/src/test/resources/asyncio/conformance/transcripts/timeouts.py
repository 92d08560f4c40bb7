# Timeout scopes: nested, rescheduled, with cancellations from outside.
import asyncio


def why(e):
    return e.args[0] if e.args else "none"


def now(loop, start):
    return f"{loop.time() - start:.1f}"


async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()

    print("-- in time and out of it")
    async with asyncio.timeout(0.2) as scope:
        await asyncio.sleep(0.1)
        print("slept")
    print(scope.expired())
    try:
        async with asyncio.timeout(0.1) as scope:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError as e:
                print(f"body cancelled, requests {asyncio.current_task().cancelling()}")
                raise
    except TimeoutError as e:
        print(f"timed out at {now(loop, start)}, expired {scope.expired()}, requests {asyncio.current_task().cancelling()}")

    print("-- nested")
    for outer, inner in [(0.1, 0.3), (0.3, 0.1)]:
        try:
            async with asyncio.timeout(outer) as o:
                try:
                    async with asyncio.timeout(inner) as i:
                        await asyncio.sleep(1)
                except TimeoutError:
                    print(f"inner timed out at {now(loop, start)}")
                await asyncio.sleep(1)
        except TimeoutError:
            print(f"outer timed out at {now(loop, start)}")
        print(f"outer {o.expired()}, inner {i.expired()}")

    print("-- rescheduled")
    try:
        async with asyncio.timeout(0.1) as scope:
            await asyncio.sleep(0)
            scope.reschedule(loop.time() + 0.4)
            await asyncio.sleep(0.3)
            print("still there")
            scope.reschedule(None)
            await asyncio.sleep(0.3)
            print("no limit")
            scope.reschedule(loop.time() + 0.1)
            await asyncio.sleep(1)
    except TimeoutError:
        print(f"timed out at {now(loop, start)}")

    print("-- cancelled from outside")

    async def limited(limit):
        try:
            async with asyncio.timeout(limit):
                await asyncio.sleep(0.3)
        except asyncio.CancelledError as e:
            print(f"cancelled {why(e)}")
            raise
        except TimeoutError:
            print("timed out")

    t = asyncio.create_task(limited(0.5))
    await asyncio.sleep(0.1)
    t.cancel("outside")
    await asyncio.wait([t])
    print(t.cancelled(), t.cancelling())

    print("-- limit of zero, and a body that does not wait")
    try:
        async with asyncio.timeout(0) as scope:
            print("body runs")
            await asyncio.sleep(0)
            print("a bare yield is long enough")
    except TimeoutError:
        print("timed out")
    async with asyncio.timeout(-1) as scope:
        print("body ends at once")
    print(scope.expired())

    print("-- a failure wins")
    try:
        async with asyncio.timeout(0.1):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                raise ValueError("instead") from None
    except ValueError as e:
        print(f"failure {e}, requests {asyncio.current_task().cancelling()}")

    print("-- swallowed")
    async with asyncio.timeout(0.1) as scope:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            print("swallowed")
        await asyncio.sleep(0.1)
        print("goes on")
    print(scope.expired(), asyncio.current_task().cancelling())


asyncio.run(main())
