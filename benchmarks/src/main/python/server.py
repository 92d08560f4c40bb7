"""A peer of the network benchmarks: a server on CPython's asyncio or on uvloop. Prints `listening PORT`.

Arguments: asyncio or uvloop; protocol or streams; echo or lines.
"""

import asyncio
import socket
import sys

LIBRARY, STYLE, MODE = sys.argv[1:4]
READ = 256 * 1024


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class Lines(asyncio.Protocol):
    """Answers each line with a write of its own."""

    rest = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self.transport.write(line + b"\n")


async def answer(reader, writer):
    while data := await reader.read(READ):
        writer.write(data)
        await writer.drain()
    writer.close()


async def answer_lines(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    lines = MODE == "lines"
    if STYLE == "protocol":
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Lines if lines else Echo, sock=listener, backlog=4096)
    else:
        server = await asyncio.start_server(answer_lines if lines else answer, sock=listener, backlog=4096)
    print("listening", listener.getsockname()[1], flush=True)
    await server.serve_forever()


if LIBRARY == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
