"""A device on asyncio: it connects, and again when the connection is gone; brings what it hears and what the person taps
to its handset; and does what the handset says.
"""
import asyncio
import logging
import random
import time
from collections import deque
from typing import Awaitable, Callable, Mapping, Optional, Protocol, Sequence

from .roomcall_mobile import (
    CallStatus,
    Command,
    Dismissal,
    Effect,
    Handset,
    IncomingCall,
    Input,
    Link,
    LogEntry,
    NotSentReason,
    Progress,
    ReportReason,
    RequestResult,
    Settings,
    Stage,
    Tap,
    frame,
    push_event,
)
from .state import StateFile

#: How long connecting and sending may take, and how long a connection lasts after which the pauses begin anew, in seconds.
PATIENCE = 10.0
#: The first pause before it connects again, and the longest one, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
#: The least pause after the server said that there was too much, in seconds.
LATER = 10.0
#: The close codes after which connecting again is of no use, and why (docs/clients.md).
FINAL = {
    1002: "this is not the WebSocket protocol",
    1007: "a text was not in UTF-8",
    1009: "a message was too large",
    4400: "a message was no text",
    4403: "the device was revoked: sign in again",
    4409: "this device has connected anew",
}
#: Another connection of this device took the place of this one: the stored state is that one's now.
REPLACED = 4409
#: Too many messages: connect again, later.
TOO_FAST = 4429
#: The statuses of HTTP after which the same may be tried again.
RETRIED = (408, 429)


class Closed(Exception):
    """A connection is over. `code` is its close code, None if it broke."""

    def __init__(self, code: Optional[int] = None):
        super().__init__(f"the connection was closed: {code}")
        self.code = code


class Refusal(Exception):
    """No connection came about, because the server said no with a status of HTTP."""

    def __init__(self, status: int, reason: str = ""):
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


class Connection(Protocol):
    """One connection to the server. `roomcall.websocket` has one; tests bring their own."""

    async def send(self, text: str) -> None:
        """Sends a text message. Raises Closed or OSError where it cannot."""

    async def receive(self) -> str:
        """The next text message. Raises Closed when there is none any more."""

    async def close(self) -> None:
        """Closes it. It may be closed already."""


#: Opens a connection, with a token that is valid now. Raises Refusal where the server says no, OSError where there is none.
Connect = Callable[[], Awaitable[Connection]]


class App:
    """What an app does. Override what it shows; nothing is done for the rest.

    The state is saved before any of this is called. Nothing here may block. What it raises, and what a store raises, goes to
    the exception handler of the event loop, and the rest is done all the same.
    """

    def show(self, call: IncomingCall, stage: Stage, time_left: Optional[int], is_news: bool) -> None:
        """Put a call on the screen, for so many milliseconds; None for no end. It sounds if it rings and is news."""

    def update(self, attempt: int, stage: Stage) -> None:
        """A call on the screen changes its stage."""

    def dismiss(self, attempt: int, why: Dismissal) -> None:
        """Take a call off the screen."""

    def report(self, call: IncomingCall, why: ReportReason) -> None:
        """A push shows no call, and why."""

    def learned(self, attempt: int, room_id: str, caller: str, why: Dismissal) -> None:
        """What became of a call that was not on the screen."""

    def join(self, room_id: str) -> None:
        """Enter the room. Say so with `in_room`, or `join_failed`."""

    def progress(self, room_id: str, callee: str, attempt: Optional[int], progress: Progress) -> None:
        """How a call by this user stands."""

    def listed(self, callee: str, caller: str, attempt: int, status: CallStatus) -> None:
        """An entry of the pending list of this device's room is new, or has changed."""

    def unlisted(self, callee: str, attempt: int) -> None:
        """An entry left that list."""

    def logged(self, entry: LogEntry, is_news: bool) -> None:
        """An entry for the list of calls; a notification, too, if it is news."""

    def seen(self, up_to: int) -> None:
        """The list of calls was seen up to an entry: clear the badge."""

    def answered(self, request_id: int, result: RequestResult) -> None:
        """The reply to a tapped call, cancel, revoke or mark."""

    def not_sent(self, command: Command, why: NotSentReason) -> None:
        """A tapped command is not sent, and will not be."""

    def connected(self) -> None:
        """There is a connection."""

    def disconnected(self, code: Optional[int]) -> None:
        """There is none any more."""

    def over(self, reason: str) -> None:
        """It will not connect again: the reason. The user may have to sign in again."""


#: What an effect asks of an app. `send` is the client's own.
CALLBACKS: "dict[type, Callable]" = {
    Effect.UPDATE: lambda app, it: app.update(it.attempt, it.stage),
    Effect.DISMISS: lambda app, it: app.dismiss(it.attempt, it.why),
    Effect.REPORT: lambda app, it: app.report(it.call, it.why),
    Effect.LEARNED: lambda app, it: app.learned(it.attempt, it.room_id, it.caller, it.why),
    Effect.JOIN: lambda app, it: app.join(it.room_id),
    Effect.PROGRESS: lambda app, it: app.progress(it.room_id, it.callee, it.attempt, it.progress),
    Effect.LISTED: lambda app, it: app.listed(it.callee, it.caller, it.attempt, it.status),
    Effect.UNLISTED: lambda app, it: app.unlisted(it.callee, it.attempt),
    Effect.LOGGED: lambda app, it: app.logged(it.entry, it.is_news),
    Effect.SEEN: lambda app, it: app.seen(it.up_to),
    Effect.ANSWERED: lambda app, it: app.answered(it.request_id, it.result),
    Effect.NOT_SENT: lambda app, it: app.not_sent(it.command, it.why),
}


class Client:
    """One signed-in device. All of it runs on one event loop; none of it may be called from another thread."""

    def __init__(
        self,
        handset: Handset,
        connect: Connect,
        app: App,
        store: Optional[StateFile] = None,
        *,
        occupied: bool = False,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ):
        """With `occupied`, something else has the device from the start (D-31). `clock` is in seconds."""
        self.handset = handset
        self._connect, self._app, self._store = connect, app, store
        self._clock, self._chance = clock, chance
        self._start = clock()
        self._first = [Input.OCCUPIED(is_occupied=True)] if occupied else []
        self._steps: "deque[Callable[[int], list[Effect]]]" = deque()
        self._is_stepping = False
        self._timer: Optional[asyncio.TimerHandle] = None
        self._outbox: "Optional[asyncio.Queue[str]]" = None
        self._wake = asyncio.Event()
        self._task: Optional[asyncio.Task] = None
        self._is_stopped = False

    @classmethod
    def open(
        cls,
        user: str,
        device: str,
        connect: Connect,
        app: App,
        store: StateFile,
        settings: Optional[Settings] = None,
        **options,
    ) -> "Client":
        """The device that was stored, or a new one. What was on its screen is shown again.

        Raises RestoreError, or ValueError, where the stored state cannot be read: sign in under a new device id then. Raises
        ValueError if it is of another user or device, InvalidValueError if the library refuses the settings.
        """
        new = Handset(user, device, settings)
        stored = store.load()
        if stored is None:
            return cls(new, connect, app, store, **options)
        saved, dead = stored
        handset = Handset.restore(saved, dead)
        if (handset.user(), handset.device()) != (user, device):
            raise ValueError(f"the stored state is of {handset.user()}/{handset.device()}, not of {user}/{device}")
        client = cls(handset, connect, app, store, **options)
        for effect in handset.redraw():
            client._carry_out(effect, is_news=False)
        if settings is not None:
            client._first.append(Input.SETTINGS(settings=settings))
        # A call on the screen ends at its deadline, with a connection or without one (D-25).
        client._set_timer()
        return client

    # What the app states.

    def tap(self, tap: Tap) -> None:
        """The person taps. What cannot be sent now waits, for as long as the rules allow."""
        self.apply(Input.TAP(tap=tap))

    def in_room(self, room_id: Optional[str]) -> None:
        """The device is in this room, or in none: once the server knows it, too."""
        self.apply(Input.IN_ROOM(room_id=room_id))

    def join_failed(self) -> None:
        """The device could not enter the room of a `join`."""
        self.apply(Input.JOIN_FAILED())

    def occupied(self, is_occupied: bool) -> None:
        """Something else has the device, or no longer."""
        self.apply(Input.OCCUPIED(is_occupied=is_occupied))

    def push(self, fields: Mapping[str, str], age: int = 0) -> None:
        """A push message came: its `data`, and how many milliseconds ago the server sent it, 0 if nobody knows.

        A ring is answered before this returns, by `show` or `report`. Then it connects, without a pause.
        """
        event = push_event(dict(fields))
        if event is not None:
            self.apply(Input.PUSH(event=event, age=age))
        self.wake()

    def sign_out(self) -> None:
        """The user signs out. Keep the stored state as long as pushes for the user may come."""
        self.apply(Input.SIGNED_OUT())
        self.stop()

    def wake(self) -> None:
        """Connects now, if it waits to do so: the network is back, or the app is."""
        self._wake.set()

    def stop(self) -> None:
        """Ends `run`. The handset can still be given pushes."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Connects, and stays connected, until it is stopped, or until connecting again is of no use."""
        self._task = asyncio.current_task()
        try:
            if not self._is_stopped:
                self._set_timer()
                await self._stay_connected()
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
        finally:
            self._task = None

    # Steps.

    def apply(self, *inputs: Input) -> None:
        """Applies inputs that came together."""

        def step(now: int) -> "list[Effect]":
            effects = self.handset.apply(now, [*self._first, *inputs])
            self._first = []  # Only now: where an input is refused, none is applied.
            return effects

        self._step(step)

    def _receive(self, message: str) -> None:
        self._step(lambda now: self.handset.receive(now, message))

    def _step(self, step: "Callable[[int], list[Effect]]") -> None:
        """Takes a step: state, then effects, then the timer. One that an effect asks for comes after it."""
        self._steps.append(step)
        if self._is_stepping:
            return
        self._is_stepping = True
        try:
            while self._steps:
                effects = self._steps.popleft()(self._now())
                self._save()
                for effect in effects:
                    self._carry_out(effect, is_news=True)
        finally:
            self._is_stepping = False
            self._set_timer()

    def _save(self) -> None:
        """The handset has moved on: its effects are carried out even if the state cannot be stored."""
        if self._store is not None:
            try:
                self._store.store(self.handset.save())
            except Exception as error:
                self._failed("the state could not be stored", error)

    def _carry_out(self, effect: Effect, is_news: bool) -> None:
        try:
            if isinstance(effect, Effect.SEND):
                if self._outbox is not None:
                    self._outbox.put_nowait(frame(effect.request_id, effect.request))
            elif isinstance(effect, Effect.SHOW):
                self._app.show(effect.call, effect.stage, effect.time_left, is_news)
            else:
                CALLBACKS[type(effect)](self._app, effect)
        except Exception as error:  # The others must be carried out all the same.
            self._failed(f"the app failed at {effect}", error)

    def _tell(self, tell: Callable[..., None], *values) -> None:
        try:
            tell(*values)
        except Exception as error:
            self._failed("the app failed", error)

    def _failed(self, what: str, error: Exception) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            logging.getLogger("roomcall").error(what, exc_info=error)
        else:
            loop.call_exception_handler({"message": what, "exception": error})

    def _now(self) -> int:
        return int((self._clock() - self._start) * 1000)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.handset.next_deadline()
        if deadline is None or self._is_stopped:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # `open` was called before there is a loop: `run` sets it.
        left = max(0.0, deadline / 1000 - (self._clock() - self._start))
        self._timer = loop.call_later(left, self.apply)

    # The connection.

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            began, least = self._clock(), 0.0
            self._wake.clear()
            try:
                connection = await asyncio.wait_for(self._connect(), PATIENCE)
            except Refusal as refusal:
                if 400 <= refusal.status < 500 and refusal.status not in RETRIED:
                    return self._tell(self._app.over, str(refusal))
                least = LATER if refusal.status in RETRIED else 0.0
            except (OSError, asyncio.TimeoutError, Closed):
                pass
            else:
                code = await self._talk(connection)
                self._tell(self._app.disconnected, code)
                if code in FINAL:
                    return self._tell(self._app.over, FINAL[code])
                least = LATER if code == TOO_FAST else 0.0
                if self._clock() - began > PATIENCE:
                    failures = 0
            await self._pause(failures, least)
            failures += 1

    async def _pause(self, failures: int, least: float) -> None:
        """Half of the pause is left to chance: when a server is back, its devices do not all come at one moment."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10))
        pause = max(least, longest * (1 + self._chance()) / 2)
        if least:
            await asyncio.sleep(pause)
            return
        try:
            await asyncio.wait_for(self._wake.wait(), pause)
        except asyncio.TimeoutError:
            pass

    async def _talk(self, connection: Connection) -> Optional[int]:
        """Until the connection is over; its close code."""
        self._outbox = asyncio.Queue()
        tasks: "Sequence[asyncio.Task]" = ()
        try:
            self._tell(self._app.connected)
            self.apply(Input.LINK(link=Link.UP))
            tasks = [asyncio.ensure_future(it) for it in (self._read(connection), self._write(connection))]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            codes = (getattr(it.exception(), "code", None) for it in done)
            code = next((code for code in codes if code is not None), None)
            if code == REPLACED:
                self._store = None
            return code
        finally:
            # Nothing of this connection is heard after it: its end cannot follow the begin of the next one.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._outbox = None
            # There was no pause to end while it lasted.
            self._wake.clear()
            try:
                self.apply(Input.LINK(link=Link.DOWN))
            finally:
                try:
                    await asyncio.wait_for(connection.close(), PATIENCE)
                except (OSError, asyncio.TimeoutError, Closed):
                    pass

    async def _read(self, connection: Connection) -> None:
        while True:
            self._receive(await connection.receive())

    async def _write(self, connection: Connection) -> None:
        outbox = self._outbox
        assert outbox is not None
        while True:
            await asyncio.wait_for(connection.send(await outbox.get()), PATIENCE)
