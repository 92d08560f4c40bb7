# Scopes and combinators inside one another as a random generator tells, in virtual time: a unit of time is a millisecond
# in the Java program. No two deadlines are the same, since CPython does not say which of those comes first. Neither does it say in which order a group cancels its children: here, in that of creation.
import asyncio


class OrderedSet(dict):
    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__()
        self.now = 1000
        self.deadlines = set()
        self._selector.select = self.advance

    def time(self):
        return self.now

    def advance(self, timeout):
        assert timeout is not None, "the loop would wait for ever"
        self.now += timeout
        return []

    def call_at(self, when, callback, *args, context=None):
        assert when not in self.deadlines, "two timers at the same time"
        self.deadlines.add(when)
        return super().call_at(when, callback, *args, context=context)


class Random:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.x >> 8) % n


def show(e):
    if isinstance(e, BaseExceptionGroup):
        return "[" + ", ".join(show(each) for each in e.exceptions) + "]"
    if isinstance(e, TimeoutError):
        return "timed out"
    return str(e)


class Program:
    def __init__(self, loop, seed):
        self.loop = loop
        self.random = Random(seed)
        self.tasks = []
        self.deadlines = set()

    def delay(self):
        deadline = self.loop.time() + 600 * self.random.below(8) + 1
        while deadline in self.deadlines:
            deadline += 1
        self.deadlines.add(deadline)
        return deadline - self.loop.time()

    def say(self, name, text):
        print(f"{self.loop.time()}: {name} {text}")

    def spawn(self, name, depth):
        task = asyncio.create_task(self.body(name, depth))
        self.tasks.append(task)
        return task

    async def step(self, name, depth):
        random = self.random
        op = random.below(12) if depth else random.below(4)
        if op < 2:
            await asyncio.sleep(self.delay())
            return "slept"
        if op == 2:
            await asyncio.sleep(0)
            return "yielded"
        if op == 3:
            if random.below(3) == 0:
                raise ValueError(name)
            other = random.below(len(self.tasks))
            return f"cancelled task {other}: {self.tasks[other].cancel()}"
        if op < 6:
            async with asyncio.timeout(self.delay()):
                return f"in time: {await self.body(name + 't', depth - 1)}"
        if op < 8:
            async with TaskGroup() as group:
                for child in range(3):
                    task = group.create_task(self.body(f"{name}{child}", depth - 1))
                    self.tasks.append(task)
                return f"group: {await self.body(name + 'g', depth - 1)}"
        if op == 8:
            children = [self.spawn(f"{name}{child}", depth - 1) for child in range(2)]
            results = await asyncio.gather(*children, return_exceptions=random.below(2) == 0)
            return "gathered " + ", ".join(show(r) for r in results if not isinstance(r, asyncio.CancelledError))
        if op == 9:
            return f"shielded: {await asyncio.shield(self.spawn(name + 's', depth - 1))}"
        if op == 10:
            return f"waited for: {await asyncio.wait_for(self.body(name + 'w', depth - 1), self.delay())}"
        children = [self.spawn(f"{name}{child}", depth - 1) for child in range(2)]
        done, pending = await asyncio.wait(children, timeout=self.delay(), return_when=asyncio.FIRST_COMPLETED)
        states = ", ".join("done" if child in done else "pending" for child in children)
        for child in children:
            if child in pending:
                child.cancel()
        return f"waited: {states}"

    async def body(self, name, depth):
        for _ in range(1 + self.random.below(3)):
            try:
                text = await self.step(name, depth)
                self.say(name, text)
            except asyncio.CancelledError:
                gives_in = self.random.below(6) != 0
                self.say(name, f"cancelled, gives in: {gives_in}, requests {asyncio.current_task().cancelling()}")
                if gives_in:
                    raise
            except Exception as e:
                fails = self.random.below(3) == 0
                self.say(name, f"failure {show(e)}, passes it on: {fails}")
                if fails:
                    raise
        self.say(name, "ends")
        return name

    async def main(self):
        self.loop.set_exception_handler(lambda loop, context: None)
        for name in "abcd":
            self.spawn(name, 3)
        while not all(task.done() for task in self.tasks):
            for task in self.tasks:
                if not task.done():
                    await asyncio.wait([task])
        for number, task in enumerate(self.tasks):
            if task.cancelled():
                text = "cancelled"
            elif task.exception() is not None:
                text = f"failure {show(task.exception())}"
            else:
                text = task.result()
            print(f"{number}: {text}, requests {task.cancelling()}")


for seed in range(1, 13):
    print(f"-- seed {seed}")
    loop = Loop()
    loop.run_until_complete(Program(loop, seed).main())
    loop.close()
