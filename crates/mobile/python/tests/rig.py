"""A server in the process of the tests: a switchboard, and connections without a network."""
import asyncio
import time

from roomcall import App, Closed, Fact, Line, Output, Switchboard, To, message


class Server:
    """A switchboard, and who is connected to it."""

    def __init__(self):
        self.board = Switchboard()
        self.start = time.monotonic()
        self.connections = []
        self.rooms = {}
        self.refusal = None
        self.attempts = 0

    def now(self):
        return int((time.monotonic() - self.start) * 1000)

    def fact(self, fact):
        if isinstance(fact, Fact.USER_ENTERED):
            self.rooms.setdefault(fact.room_id, set()).add(fact.user_id)
        self.deliver(None, self.board.apply(Line.FACT(self.now(), fact)))

    def connect(self, user, device):
        """What a client gets to connect with."""

        async def open_connection():
            self.attempts += 1
            if self.refusal is not None:
                raise self.refusal
            connection = Connection(self, user, device)
            self.connections.append(connection)
            return connection

        return open_connection

    def hears(self, connection, to):
        if isinstance(to, To.ROOM):
            return connection.user in self.rooms.get(to.room, ())
        if isinstance(to, To.DEVICE):
            return (connection.user, connection.device) == (to.user, to.device)
        return connection.user == to.user and connection.device != getattr(to, "except_device", None)

    def deliver(self, asker, outputs):
        for output in outputs:
            if isinstance(output, Output.EFFECT):
                hearing = [it for it in self.connections if self.hears(it, output.to)]
            else:
                hearing = [asker] if asker is not None else []
            for connection in hearing:
                connection.inbox.put_nowait(message([output]))


class Connection:
    """One of a device. `cut` ends it with a close code."""

    def __init__(self, server, user, device):
        self.server, self.user, self.device = server, user, device
        self.inbox = asyncio.Queue()
        self.sent = []
        self.is_deaf = False

    def cut(self, code=None):
        if self in self.server.connections:
            self.server.connections.remove(self)
        self.inbox.put_nowait(Closed(code))

    async def send(self, text):
        self.sent.append(text)
        if not self.is_deaf:
            self.server.deliver(self, self.server.board.receive(self.server.now(), self.user, self.device, text))

    async def receive(self):
        said = await self.inbox.get()
        if isinstance(said, Closed):
            raise said
        return said

    async def close(self):
        self.cut()


class Recorder(App):
    """An app that remembers what it is told, and can be waited for."""

    def __init__(self):
        self.told = []
        self.changed = asyncio.Event()

    def __getattribute__(self, name):
        if name.startswith("_") or name in ("told", "changed", "until", "words", "note"):
            return super().__getattribute__(name)
        return lambda *values: self.note(name, values)

    def note(self, name, values):
        self.told.append((name, *values))
        self.changed.set()

    def words(self):
        return [it[0] for it in self.told]

    async def until(self, word, times=1):
        """The last value told by that word, once it was told so often."""
        while self.words().count(word) < times:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 10)
        return [it for it in self.told if it[0] == word][times - 1]
