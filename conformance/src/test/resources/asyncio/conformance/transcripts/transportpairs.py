# Three connections over socketpair, all six ends of which one loop serves, used as a random generator tells, also inside
# the calls of their protocols: the order of what becomes ready in one iteration counts.
#
# Kept clear of what CPython gets wrong, as in transportchaos.py, and of what the JVM does at the beginning of the next
# poll, where CPython does it at once: closing, so that others notice, and registering, which puts what is ready already
# in its place among the others. Whoever writes asks for the size of the buffer, after which the Java library has sent it.
import asyncio
import socket

from wires import Random

STEPS = 60
SEEDS = 40


class Loop(asyncio.SelectorEventLoop):
    iterations = 0

    def _run_once(self):
        self.iterations += 1
        super()._run_once()


class End(asyncio.Protocol):
    def __init__(self, program, name):
        self.program = program
        self.name = name
        self.sent = 0
        self.got = 0
        self.is_lost = False
        self.was_closed = False
        self.eof_written = False
        self.eof_kept = False

    def say(self, text):
        self.program.say(f"{self.name} {text}")

    def connection_made(self, transport):
        self.transport = transport
        self.say("made")

    def data_received(self, data):
        self.got += len(data)
        self.say(f"data {len(data)}")
        self.program.react(self)

    def eof_received(self):
        self.eof_kept = self.program.random.below(2) == 0
        self.was_closed |= not self.eof_kept
        self.say(f"eof, keeps open: {self.eof_kept}")
        self.program.react(self)
        return self.eof_kept

    def connection_lost(self, exc):
        self.is_lost = True
        self.say(f"lost: {exc}")
        self.program.react(self)

    def may_end(self):
        """Whether nothing is unread, and nothing on the way here."""
        return self.peer.sent == self.got

    def write(self, count):
        if not (self.was_closed or self.eof_written or self.peer.was_closed):
            self.transport.write(bytes(count))
            self.transport.get_write_buffer_size()
            self.sent += count
            self.say(f"wrote {count}")


class Program:
    def __init__(self, loop, seed):
        self.loop = loop
        self.random = Random(seed)
        self.steps = 0
        self.done = loop.create_future()

    def say(self, text):
        print(f"{self.loop.iterations - self.base}: {text}")

    def react(self, end):
        if self.random.below(3) == 0:
            self.act(end)

    def act(self, end):
        random = self.random
        op = random.below(12)
        t = end.transport
        if op < 4:
            end.write(1 + random.below(200))
        elif op == 4:
            end.write(1)
            end.write(2)
            end.write(3)
        elif op == 5:
            end.say(f"closing {t.is_closing()}, reading {t.is_reading()}")
        elif op in (6, 7):
            if end.may_end() and not (end.peer.was_closed or end.peer.eof_written):
                t.pause_reading()
                t.resume_reading()
                end.say("pauses and resumes")
        elif op == 8:
            if random.below(8) == 0 and not end.was_closed:
                t.write_eof()
                end.eof_written = True
                end.say("write_eof")
        elif op == 9:
            if random.below(6) == 0 and end.may_end():
                end.was_closed = True
                t.close()
                end.say("close")
        elif op == 10:
            if random.below(10) == 0 and end.may_end():
                end.was_closed = True
                t.abort()
                end.say("abort")
        else:
            number = random.below(100)
            self.loop.call_soon(self.say, f"callback {number}")

    def step(self):
        self.steps += 1
        if self.steps > STEPS:
            self.done.set_result(None)
            return
        self.loop.call_soon(self.step)
        for _ in range(self.random.below(4)):
            self.act(self.ends[self.random.below(len(self.ends))])

    async def main(self):
        self.base = self.loop.iterations
        self.ends = []
        for i in range(3):
            near, far = End(self, f"near {i}"), End(self, f"far {i}")
            near.peer, far.peer = far, near
            for end, sock in zip((near, far), socket.socketpair()):
                await self.loop.connect_accepted_socket(lambda: end, sock)
                self.ends.append(end)
        self.say("connected")
        self.loop.call_soon(self.step)
        await self.done
        self.say("the end")
        for end in self.ends:
            end.transport.close()
        for _ in range(3):
            await asyncio.sleep(0)


for seed in range(1, SEEDS + 1):
    print(f"-- seed {seed}")
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(Program(runner.get_loop(), seed).main())
