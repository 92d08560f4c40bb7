# Both ends of connections over socketpair, served by one loop: which call comes in which iteration, and where among the
# callbacks of others.
import asyncio
import socket


class Loop(asyncio.SelectorEventLoop):
    iterations = 0

    def _run_once(self):
        self.iterations += 1
        super()._run_once()


class Told(asyncio.Protocol):
    def __init__(self, scene, name, keeps_open=False):
        self.scene = scene
        self.name = name
        self.keeps_open = keeps_open
        self.does = {}

    def told(self, word, text=""):
        self.scene.say(f"{self.name} {word}" + (f" {text}" if text else ""))
        action = self.does.get(word)
        if action:
            action()

    def connection_made(self, transport):
        self.transport = transport
        self.told("made")

    def data_received(self, data):
        self.told("data", data.decode())

    def eof_received(self):
        self.told("eof")
        return self.keeps_open

    def pause_writing(self):
        self.told("pause")

    def resume_writing(self):
        self.told("resume")

    def connection_lost(self, exc):
        self.told("lost", "network error" if isinstance(exc, OSError) else str(exc))


class Buffered(Told, asyncio.BufferedProtocol):
    def __init__(self, scene, name, size):
        super().__init__(scene, name)
        self.buffer = bytearray(size)

    def get_buffer(self, hint):
        self.scene.say(f"{self.name} get_buffer")
        return self.buffer

    def buffer_updated(self, count):
        self.told("updated", self.buffer[:count].decode())


class Scene:
    def __init__(self, loop, name):
        self.loop = loop
        self.base = loop.iterations
        self.transports = []
        self.marks = 0
        loop.set_exception_handler(self.report)
        print(f"-- {name}")

    def report(self, loop, context):
        message = context["message"]
        if message.startswith("Exception in callback"):
            message = "Exception in callback"
        self.say(f"reported {message}: {context['exception']}")

    def say(self, text):
        print(f"{self.loop.iterations - self.base}: {text}")

    def soon(self, text):
        self.loop.call_soon(self.say, text)

    def mark(self, count):
        """Says in each of the next iterations that it runs."""
        self.say("mark")
        self.marks = count
        if count:
            self.loop.call_soon(self.mark, count - 1)

    async def serve(self, protocol, sock):
        transport, _ = await self.loop.connect_accepted_socket(lambda: protocol, sock)
        self.transports.append(transport)
        self.say(f"{protocol.name} connected")
        return transport

    async def pair(self, near, far):
        one, other = socket.socketpair()
        return await self.serve(near, one), await self.serve(far, other)

    async def end(self):
        while self.marks or any(t.get_protocol() for t in self.transports):
            await asyncio.sleep(0)


def fail(text):
    raise RuntimeError(text)


async def beginning(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    near.does["made"] = lambda: (scene.soon("near's callback"), near.transport.write(b"hello"))
    far.does["data"] = lambda: scene.soon("far's callback")
    one, other = await scene.pair(near, far)
    scene.soon("between")
    one.close()
    scene.soon("after close")
    await scene.end()


async def ping_pong(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    counts = [0]

    def answer():
        counts[0] += 1
        if counts[0] < 5:
            far.transport.write(b"pong %d" % counts[0])
        else:
            far.transport.close()

    far.does["data"] = answer
    near.does["data"] = lambda: near.transport.write(b"ping %d" % counts[0])
    one, other = await scene.pair(near, far)
    scene.mark(14)
    one.write(b"ping 0")
    await scene.end()


async def closing(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    one, other = await scene.pair(near, far)
    scene.mark(5)
    one.write(b"last words")
    one.close()
    scene.say(f"closing {one.is_closing()}, reading {one.is_reading()}")
    one.close()
    one.write(b"dropped")
    one.pause_reading()
    one.resume_reading()
    other.write(b"too late")
    await scene.end()
    one.abort()
    scene.say(f"protocol {one.get_protocol()}")


async def aborting(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    near.does["lost"] = lambda: (one.abort(), one.close(), scene.soon("from lost"))
    far.does["eof"] = lambda: other.abort()
    one, other = await scene.pair(near, far)
    scene.mark(5)
    one.write(b"a")
    one.write(b"b")
    one.abort()
    one.close()
    scene.soon("after abort")
    await scene.end()


async def in_connection_made(scene):
    for name in "abort", "close", "pause", "write_eof", "fail":
        near, far = Told(scene, name), Told(scene, "far")
        far.keeps_open = name == "write_eof"

        def made():
            t = near.transport
            if name == "abort":
                t.abort()
            elif name == "close":
                t.write(b"at once")
                t.close()
            elif name == "pause":
                t.pause_reading()
            elif name == "write_eof":
                t.write(b"only this")
                t.write_eof()
            else:
                raise RuntimeError("from connection_made")

        near.does["made"] = made
        one, other = await scene.pair(near, far)
        other.write(b"hello")
        scene.mark(4)
        for _ in range(3):
            await asyncio.sleep(0)
        one.resume_reading()
        for _ in range(3):
            await asyncio.sleep(0)
        other.close()
        await scene.end()


async def half_close(scene):
    near, far = Told(scene, "near", keeps_open=True), Told(scene, "far", keeps_open=True)
    far.does["eof"] = lambda: (other.write(b"answer"), other.write_eof(), scene.soon("far's callback"))
    near.does["eof"] = lambda: scene.say(f"near closing {one.is_closing()}, reading {one.is_reading()}")
    one, other = await scene.pair(near, far)
    scene.mark(8)
    one.write(b"question")
    one.write_eof()
    one.write_eof()
    try:
        one.write(b"")
    except RuntimeError:
        scene.say("refused")
    for _ in range(6):
        await asyncio.sleep(0)
    scene.say(f"far closing {other.is_closing()}")
    one.close()
    other.close()
    await scene.end()


async def pausing(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    one, other = await scene.pair(near, far)
    scene.mark(14)
    one.pause_reading()
    other.write(b"one")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    one.resume_reading()
    one.pause_reading()
    one.resume_reading()
    scene.say(f"reading {one.is_reading()}")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    near.does["data"] = lambda: (one.pause_reading(), scene.loop.call_soon(one.resume_reading))
    other.write(b"two")
    await asyncio.sleep(0)
    # The reader is ready in the iteration that comes, and is paused and resumed before its turn.
    other.write(b"three")
    scene.loop.call_soon(lambda: (one.pause_reading(), one.resume_reading(), scene.say("paused and resumed")))
    for _ in range(3):
        await asyncio.sleep(0)
    other.write(b"four")
    other.close()
    await scene.end()


async def raising(scene):
    for word in "data", "eof", "lost":
        near, far = Told(scene, f"raises in {word}"), Told(scene, "far")
        near.does[word] = lambda: (scene.soon("callback before"), fail(f"oops in {word}"))
        one, other = await scene.pair(near, far)
        other.write(b"hello")
        scene.mark(4)
        for _ in range(2):
            await asyncio.sleep(0)
        other.close()
        await scene.end()


async def buffered(scene):
    near, far = Buffered(scene, "near", 4), Told(scene, "far")
    one, other = await scene.pair(near, far)
    scene.mark(8)
    other.write(b"ten bytes.")
    for _ in range(2):
        await asyncio.sleep(0)
    one.pause_reading()
    await asyncio.sleep(0)
    scene.say("switch")
    one.set_protocol(Told(scene, "plain"))
    one.resume_reading()
    other.writelines([b"more ", b"", b"bytes"])
    other.write(b".")
    other.close()
    await scene.end()


async def both_close(scene):
    near, far = Told(scene, "near"), Told(scene, "far")
    one, other = await scene.pair(near, far)
    scene.mark(4)
    one.write(b"unread")
    other.write(b"unread")
    one.close()
    other.close()
    await scene.end()


async def three_pairs(scene):
    pairs = []
    for i in range(3):
        near, far = Told(scene, f"near {i}"), Told(scene, f"far {i}")
        far.does["data"] = lambda i=i: pairs[(i + 1) % 3][0].write(b"from %d" % i)
        far.does["eof"] = lambda i=i: pairs[(i + 1) % 3][0].close()
        pairs.append(await scene.pair(near, far))
    for _ in range(3):
        await asyncio.sleep(0)
    pairs[0][0].write(b"begin")
    for _ in range(8):
        await asyncio.sleep(0)
    pairs[1][0].close()
    await scene.end()


async def main():
    loop = asyncio.get_running_loop()
    for program in (
        beginning,
        ping_pong,
        closing,
        aborting,
        in_connection_made,
        half_close,
        pausing,
        raising,
        buffered,
        both_close,
        three_pairs,
    ):
        await program(Scene(loop, program.__name__))


with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(main())
