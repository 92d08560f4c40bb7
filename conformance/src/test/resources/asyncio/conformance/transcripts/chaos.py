# Tasks that wait for, complete and cancel one another as a random generator tells them. They share it, so that the
# smallest difference in order shows in every line that follows.
import asyncio


class Random:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.x >> 8) % n


FUTURES = 4
TASKS = 8
STEPS = 14


class Program:
    def __init__(self, seed):
        self.random = Random(seed)
        self.eager = seed % 2 == 0
        self.tick = 0

    def complete(self, index, value):
        fut = self.futures[index]
        self.futures[index] = self.loop.create_future()
        if not fut.done():
            fut.set_result(value)

    async def wait_for(self, fut):
        return await fut

    async def step(self, me):
        random = self.random
        op = random.below(10)
        if op < 2:
            await asyncio.sleep(0)
            return "yielded"
        if op < 4:
            index = random.below(FUTURES)
            return f"future {index} gave {await self.futures[index]}"
        if op == 4:
            index = random.below(FUTURES)
            self.complete(index, f"{me}")
            return f"completed future {index}"
        if op == 5:
            other = random.below(TASKS)
            return f"cancelled task {other}: {self.tasks[other].cancel(f'by {me}')}"
        if op == 6 and me + 1 < TASKS:
            other = me + 1 + random.below(TASKS - me - 1)
            return f"task {other} gave {await self.tasks[other]}"
        if op == 7:
            index = random.below(FUTURES)
            self.loop.call_soon(lambda: (print(f"{self.tick}: callback of {me}"), self.complete(index, f"callback of {me}")))
            return f"callback for future {index}"
        if op == 8:
            index = random.below(FUTURES)
            return f"inner task gave {await asyncio.create_task(self.wait_for(self.futures[index]))}"
        return f"uncancel {asyncio.current_task().uncancel()}"

    async def worker(self, me):
        step = 0
        while step < STEPS:
            try:
                text = await self.step(me)
                print(f"{self.tick}: {me} {text}")
            except asyncio.CancelledError:
                gives_in = self.random.below(4) == 0
                print(f"{self.tick}: {me} cancelled, gives in: {gives_in}")
                if gives_in:
                    raise
            step += 1
        print(f"{self.tick}: {me} ends")
        return f"result of {me}"

    async def main(self):
        self.loop = asyncio.get_running_loop()
        self.futures = [self.loop.create_future() for _ in range(FUTURES)]
        self.tasks = [asyncio.create_task(self.worker(me)) for me in range(TASKS)]
        if self.eager:
            self.loop.set_task_factory(asyncio.eager_task_factory)
        while not all(t.done() for t in self.tasks):
            self.tick += 1
            await asyncio.sleep(0)
            if self.tick % 5 == 0:
                self.complete(self.random.below(FUTURES), "main")
        for me, t in enumerate(self.tasks):
            outcome = "cancelled" if t.cancelled() else t.result()
            print(f"{me}: {outcome}, requests {t.cancelling()}")


for seed in range(1, 9):
    print(f"-- seed {seed}")
    asyncio.run(Program(seed).main())
