# One transport whose methods are called as a random generator tells, also inside the calls of its protocol, and a peer
# that sends, receives and ends the same way. They share the generator, so that the smallest difference in order or in
# the sizes of buffers shows in every line that follows.
#
# Kept clear of what fails in CPython: close and abort in resume_writing when nothing is left to send, which call
# connection_lost twice; write there on a closed transport, which is never sent; reading that is resumed after an
# end-of-file that the protocol outlived, which tells that again; write and abort after the connection was closed and
# lost, which find no socket and no loop. And of what the Java library does on purpose: writes of one iteration but the
# first leave at its end, so a failure shows when the transport is asked for the size of its buffer; here that is after
# each write.
import asyncio

from wires import Drops, Loop, NetworkError, Random

CAPACITY = 1000
STEPS = 50
SEEDS = 60


class Plain(asyncio.Protocol):
    def __init__(self, program):
        self.program = program

    def connection_made(self, transport):
        self.program.made(transport)

    def data_received(self, data):
        self.program.data("data", data)

    def eof_received(self):
        return self.program.eof()

    def pause_writing(self):
        self.program.pause()

    def resume_writing(self):
        self.program.resume()

    def connection_lost(self, exc):
        self.program.lost(exc)


class Buffered(Plain, asyncio.BufferedProtocol):
    def __init__(self, program, size):
        super().__init__(program)
        self.buffer = bytearray(size)

    def get_buffer(self, hint):
        self.program.say("get_buffer")
        return self.buffer

    def buffer_updated(self, count):
        self.program.data("updated", bytes(self.buffer[:count]))


class Program:
    def __init__(self, loop, seed):
        self.loop = loop
        self.random = Random(seed)
        self.sent = 0
        self.told = 0
        self.steps = 0
        self.far_open = True
        self.far_shut = False
        self.far_reset = False
        self.is_lost = False
        self.eof_kept = False
        self.was_closed = False
        self.resuming = False
        self.done = loop.create_future()

    def say(self, text):
        print(f"{self.loop.iteration()}: {text}")

    def state(self):
        t = self.transport
        size = t.get_write_buffer_size()
        words = ["closing" if t.is_closing() else "reading" if t.is_reading() else "paused"]
        return f"{words[0]}, {size} kept"

    # the calls of the protocol

    def react(self, name):
        choice = self.random.below(8)
        if choice < 3:
            self.near_op()
        elif choice == 3:
            self.near_op()
            self.near_op()
        elif choice == 4 and self.random.below(6) == 0:
            if self.random.below(2):
                raise RuntimeError(f"oops in {name}")
            raise OSError(f"system oops in {name}")

    def made(self, transport):
        self.loop.started = self.loop.iterations
        self.transport = transport
        self.say("made")
        self.react("made")

    def data(self, name, data):
        self.say(f"{name} {len(data)} {sum(data)}")
        self.react(name)

    def eof(self):
        keeps = self.random.below(2) == 0
        self.eof_kept = keeps
        self.was_closed |= not keeps
        self.say(f"eof, keeps open: {keeps}")
        self.react("eof")
        return keeps

    def pause(self):
        self.say("pause")
        self.react("pause")

    def resume(self):
        self.say(f"resume at {self.transport.get_write_buffer_size()}")
        outer, self.resuming = self.resuming, True
        try:
            self.react("resume")
        finally:
            self.resuming = outer

    def lost(self, exc):
        self.say(f"lost: {'network error' if isinstance(exc, NetworkError) else exc}")
        self.is_lost = True
        self.react("lost")

    # what is done with the transport

    def payload(self, count):
        data = bytes((self.sent + i) * 31 % 251 for i in range(count))
        self.sent += count
        return data

    def write(self, count):
        try:
            self.transport.write(self.payload(count))
        except RuntimeError:
            self.say(f"write {count} refused")
        else:
            if self.far_reset or not self.far_open:
                self.transport.get_write_buffer_size()
            self.say(f"wrote {count}")

    def near_op(self):
        random, t = self.random, self.transport
        op = random.below(16)
        if self.resuming and (self.far_reset or self.was_closed) and op in (0, 1, 2, 3, 4, 13):
            op = 15
        if self.is_lost and self.was_closed and op in (0, 1, 2, 3, 4, 11, 13):
            op = 15
        if op < 5:
            self.write(random.below(2 * CAPACITY) if random.below(3) == 0 else random.below(CAPACITY // 4))
        elif op == 5:
            t.pause_reading()
            self.say("pause_reading")
        elif op in (6, 7):
            if not self.eof_kept:
                t.resume_reading()
                self.say("resume_reading")
        elif op == 8:
            high = random.below(800)
            low = random.below(high + 1) if random.below(2) else high // 4
            self.say(f"limits {low} {high}")
            t.set_write_buffer_limits(high=high, low=low)
        elif op == 9:
            if random.below(12) == 0:
                t.write_eof()
                self.say("write_eof")
        elif op == 10:
            if random.below(10) == 0 and not (self.resuming and t.get_write_buffer_size() == 0):
                self.was_closed = True
                t.close()
                self.say("close")
        elif op == 11:
            if random.below(16) == 0 and not self.resuming:
                t.abort()
                self.say("abort")
        elif op == 12:
            number = random.below(100)
            self.loop.call_soon(self.say, f"callback {number}")
        elif op == 13:
            self.write(1 + random.below(20))
            self.write(1 + random.below(20))
            self.write(1 + random.below(20))
        elif op == 14:
            self.current = 1 - self.current
            t.set_protocol(self.protocols[self.current])
            self.say(f"protocol {self.current}")
        if random.below(2):
            self.say(self.state())

    # the peer

    def far_op(self):
        random, far = self.random, self.far
        op = random.below(9)
        if op < 2:
            count = 1 + random.below(300)
            data = bytes((self.told + i) * 17 % 251 for i in range(count))
            try:
                if self.far_shut:
                    raise NetworkError
                sent = far.write(data)
            except BlockingIOError:
                sent = 0
            except NetworkError:
                self.say("peer cannot send")
                return
            self.told += sent
            self.say(f"peer sent {sent}")
        elif op < 6:
            self.far_read(1 + random.below(CAPACITY))
        elif op == 6:
            if random.below(8) == 0:
                far.shut_output()
                self.far_shut = True
                self.say("peer ends")
        elif op == 7:
            if random.below(12) == 0:
                far.release()
                self.far_open = False
                self.say("peer closes")
        elif random.below(12) == 0:
            far.cut()
            self.far_reset = True
            self.say("reset")

    def far_read(self, limit):
        try:
            data = self.far.read(limit)
        except BlockingIOError:
            self.say("peer got nothing")
            return False
        except NetworkError:
            self.say("peer got an error")
            self.far_open = False
            return False
        if not data:
            self.say("peer got the end")
            return False
        self.say(f"peer got {len(data)} {sum(data)}")
        return True

    def step(self):
        self.steps += 1
        if self.steps > STEPS:
            if not self.is_lost:
                self.transport.abort()
                self.say("abort at last")
            self.loop.call_soon(self.loop.call_soon, self.done.set_result, None)
            return
        self.loop.call_soon(self.step)
        if self.random.below(2) and self.far_open:
            self.far_op()
        else:
            for _ in range(1 + self.random.below(3)):
                self.near_op()

    async def main(self):
        sock, self.far = self.loop.pair(CAPACITY)
        self.protocols = [Plain(self), Buffered(self, 1 + self.random.below(200))]
        self.current = self.random.below(2)
        await self.loop.connect_accepted_socket(lambda: self.protocols[self.current], sock)
        self.say("connected")
        self.loop.call_soon(self.step)
        await self.done
        while self.far_open and self.far_read(CAPACITY):
            pass


for seed in range(1, SEEDS + 1):
    print(f"-- seed {seed}")
    drops = Drops()
    with asyncio.Runner(loop_factory=Loop) as runner:
        program = Program(runner.get_loop(), seed)

        def report(loop, context):
            message = context["message"]
            if message.startswith("Exception in callback"):
                message = "Exception in callback"
            program.say(f"reported {message}: {context['exception']}")

        runner.get_loop().set_exception_handler(report)
        runner.run(program.main())
    print(f"{drops.count} warnings")
