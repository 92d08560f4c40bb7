# Connections in memory, for the programs about transports: sockets whose buffers hold an exact number of bytes, and a
# selector that waits for them. They do what the test kit's MemoryNetwork does in the Java programs.
import asyncio
import logging
import selectors
import socket


class NetworkError(OSError):
    pass


class End:
    def __init__(self, name, capacity):
        self.name = name
        self.capacity = capacity  # how much can be on the way from here to the other end
        self.received = bytearray()
        self.unread = 0
        self.end_received = self.output_shut = self.dead = self.released = False
        self.failure = False

    def room(self):
        return max(0, self.capacity - self.unread)

    def write(self, data):
        if self.failure:
            self.failure = False
            raise NetworkError
        if self.output_shut or self.dead:
            raise NetworkError
        count = min(len(data), self.room())
        if count == 0 and len(data):
            raise BlockingIOError
        self.unread += count
        self.peer.arrive(bytes(data[:count]))
        return count

    def read(self, limit):
        if self.received:
            data = bytes(self.received[:limit])
            del self.received[:limit]
            self.peer.unread -= len(data)
            return data
        if self.end_received:
            return b""
        if self.failure:
            self.failure = False
            raise NetworkError
        if self.dead:
            return b""
        raise BlockingIOError

    def shut_output(self):
        if not self.output_shut and not self.dead:
            self.output_shut = True
            self.peer.end_received = True

    def release(self):
        self.released = True
        input_left = bool(self.received)
        self.received.clear()
        if self.dead:
            return
        if input_left:
            self.dead = True
            self.peer.arrive_reset()
        else:
            self.shut_output()

    def cut(self):
        self.arrive_reset()
        self.peer.arrive_reset()

    def arrive(self, data):
        if self.released:
            if not self.dead:
                self.dead = True
                self.peer.arrive_reset()
        elif not self.dead:
            self.received += data

    def arrive_reset(self):
        if not self.dead and not (self.end_received and self.output_shut):
            self.dead = True
            self.failure = True

    def ready(self, events):
        if self.dead or self.failure or (self.end_received and self.output_shut):
            return events
        ready = 0
        if self.received or self.end_received:
            ready |= selectors.EVENT_READ
        if self.room() > 0:
            ready |= selectors.EVENT_WRITE
        return ready & events


class Socket:
    family = socket.AF_UNIX
    type = socket.SOCK_STREAM
    numbers = 1000

    def __init__(self, end):
        self.end = end
        Socket.numbers += 1
        self.number = Socket.numbers

    def fileno(self):
        return self.number

    def setblocking(self, blocking):
        pass

    def getsockname(self):
        return self.end.name

    def getpeername(self):
        return self.end.peer.name

    def recv(self, limit):
        return self.end.read(limit)

    def recv_into(self, buffer):
        data = self.end.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def send(self, data):
        return self.end.write(data)

    def sendmsg(self, buffers):
        return self.end.write(b"".join(bytes(b) for b in buffers))

    def shutdown(self, how):
        assert how == socket.SHUT_WR
        self.end.shut_output()

    def close(self):
        self.end.shut_output()
        self.end.release()


class Selector(selectors._BaseSelectorImpl):
    def __init__(self):
        super().__init__()
        self.ends = {}

    def select(self, timeout=None):
        found = []
        for fd, end in self.ends.items():
            key = self.get_map().get(fd)
            if key is not None and end.ready(key.events):
                found.append((key, end.ready(key.events)))
        assert found or timeout == 0, "the loop would wait for ever"
        return found


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(Selector())
        self.iterations = 0
        self.started = 0

    def _run_once(self):
        self.iterations += 1
        super()._run_once()

    def iteration(self):
        return self.iterations - self.started

    def pair(self, capacity):
        near, far = End("near", capacity), End("far", capacity)
        near.peer, far.peer = far, near
        sock = Socket(near)
        self._selector.ends[sock.fileno()] = near
        return sock, far


class Drops(logging.Handler):
    def __init__(self):
        super().__init__()
        self.count = 0
        logging.getLogger("asyncio").addHandler(self)
        logging.getLogger("asyncio").propagate = False

    def emit(self, record):
        if "socket.send() raised" in record.getMessage():
            self.count += 1


class Random:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.x >> 8) % n
