"""A peer of the network benchmarks: a server on trio. Prints `listening PORT`. Argument: echo or lines."""

import sys

import trio

READ = 256 * 1024


async def answer(stream):
    try:
        while data := await stream.receive_some(READ):
            await stream.send_all(data)
    except trio.BrokenResourceError:
        pass


async def answer_lines(stream):
    rest = b""
    try:
        while data := await stream.receive_some(READ):
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            for line in lines:
                await stream.send_all(line + b"\n")
    except trio.BrokenResourceError:
        pass


async def main():
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1", backlog=4096)
    print("listening", listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(answer_lines if sys.argv[1] == "lines" else answer, listeners)


trio.run(main)
