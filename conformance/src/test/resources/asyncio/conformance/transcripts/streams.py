# Stream readers fed by hand, as a random generator tells: what reads give, when the transport is paused and resumed, and
# what is left. Then tasks that drain and wait for the end. (One task reads at a time, and nothing fails between the
# moment a reader is woken and its step: CPython has defects there. What is asked of the transport after the end of the
# stream means nothing.)
import asyncio


class Random:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.x >> 8) % n


class FakeTransport(asyncio.Transport):
    ended = False

    def pause_reading(self):
        print("  pause")

    def resume_reading(self):
        if not self.ended:
            print("  resume")

    def is_closing(self):
        return False

    def close(self):
        pass

    def __repr__(self):
        return "<fake>"


LIMITS = [1, 3, 8, 20]
SEPARATORS = [b"\n", b"a", b"ab", b"bab", b"aab\n"]
STEPS = 150


def show(data):
    return "[" + data.decode().replace("\n", "/") + "]"


class Program:
    def __init__(self, seed):
        self.random = Random(seed)
        self.limit = LIMITS[self.random.below(4)]
        self.reader = asyncio.StreamReader(self.limit)
        self.transport = FakeTransport()
        self.reader.set_transport(self.transport)
        self.task = None
        self.ended = False
        self.reads = 0
        self.state = ""

    def piece(self):
        return "".join("ab\nc"[self.random.below(4)] for _ in range(self.random.below(11))).encode()

    async def read(self):
        kind = self.random.below(6)
        n = self.random.below(12)
        self.reads += 1
        try:
            if kind == 0:
                return f"read {n} {show(await self.reader.read(n))}"
            if kind == 1:
                return f"exactly {n} {show(await self.reader.readexactly(n))}"
            if kind == 2:
                separator = SEPARATORS[n % 5]
                return f"until {show(separator)} {show(await self.reader.readuntil(separator))}"
            if kind == 3:
                separators = (SEPARATORS[n % 5], SEPARATORS[(n + 1 + n // 5) % 5])
                return f"any {show(separators[0])}{show(separators[1])} {show(await self.reader.readuntil(separators))}"
            return f"line {show(await self.reader.readline())}"
        except asyncio.IncompleteReadError as e:
            return f"incomplete {show(e.partial)} {'undefined' if e.expected is None else e.expected}"
        except asyncio.LimitOverrunError as e:
            return f"overrun {e.consumed} {'not ' in e.args[0]}"
        except ValueError as e:
            return f"line too long {'not ' in e.args[0]}"

    async def step(self):
        op = self.random.below(12)
        if op < 5:
            data = self.piece()
            if not self.ended:
                print("feed", show(data))
                self.reader.feed_data(data)
        elif op < 9:
            if self.task is None:
                self.task = asyncio.create_task(self.read())
        elif op == 9:
            if self.task is not None:
                print("cancel")
                self.task.cancel()
        elif op == 10 and self.random.below(20) == 0 and not self.ended:
            self.end()
        for _ in range(self.random.below(4)):
            await asyncio.sleep(0)
        self.look()

    def end(self):
        print("end")
        self.ended = True
        self.transport.ended = True
        self.reader.feed_eof()

    def look(self):
        if self.task is not None and self.task.done():
            print(self.reads, "cancelled" if self.task.cancelled() else self.task.result())
            self.task = None
        if self.task is None:
            state = f"{self.reader!r} {self.reader.at_eof()}"
            if self.ended:
                state = state.replace(" paused", "")
            if state != self.state:
                self.state = state
                print(state)

    async def run(self):
        for _ in range(STEPS):
            await self.step()
        while self.task is not None:
            if not self.ended:
                self.end()
            await asyncio.sleep(0)
            self.look()
        self.reader.set_exception(OSError("broken"))
        for read in (self.reader.read(0), self.reader.read(1), self.reader.readexactly(1), self.reader.readline(),
                     self.reader.readuntil(b"a")):
            try:
                await read
            except OSError as e:
                print("failed", e)


async def drains(loop, paused, lost, failure):
    print(f"-- drains, paused {paused}, lost {lost}, failure {failure}")
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport = FakeTransport()
    protocol.connection_made(transport)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)

    async def attempt(name, call):
        print(name, "begins")
        try:
            await call()
            print(name, "returns")
        except asyncio.CancelledError:
            print(name, "cancelled")
            raise
        except OSError as e:
            print(name, "fails", type(e) is ConnectionResetError)

    if paused:
        protocol.pause_writing()
    tasks = [asyncio.create_task(attempt(f"drain {i}", writer.drain)) for i in range(3)]
    tasks.append(asyncio.create_task(attempt("read", lambda: reader.read(1))))
    tasks.append(asyncio.create_task(attempt("closed", writer.wait_closed)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print("all begun")
    tasks[1].cancel()
    if lost:
        protocol.connection_lost(OSError("broken") if failure else None)
    elif paused:
        protocol.resume_writing()
    for _ in range(3):
        await asyncio.sleep(0)
        print("turn")
    late = [asyncio.create_task(attempt(f"late drain {i}", writer.drain)) for i in range(2)]
    await asyncio.wait(late)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def main():
    for seed in range(1, 25):
        print(f"-- seed {seed}")
        await Program(seed).run()
    loop = asyncio.get_running_loop()
    for paused in (False, True):
        for lost in (False, True):
            for failure in (False, True):
                if lost or not failure:
                    await drains(loop, paused, lost, failure)


asyncio.run(main())
