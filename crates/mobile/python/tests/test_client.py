"""The runtime against a switchboard in the same process."""
import asyncio
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import roomcall.client
from rig import Recorder, Server
from roomcall import (
    Answer,
    App,
    CallRejectionReason,
    Client,
    Dismissal,
    Effect,
    Fact,
    Handset,
    Input,
    InvalidValueError,
    LogEntry,
    Progress,
    Refusal,
    Reply,
    RestoreError,
    Stage,
    StateFile,
    Tap,
)
from roomcall.client import CALLBACKS, FINAL

RING = {
    "event": "ring", "id": "6-0", "roomID": "standup", "caller": "ana", "callee": "bo", "attempt": "9",
    "timeLeft": "30000", "extensionInfo": "about lunch",
}


class Order(StateFile):
    """Notes when the state is stored."""

    def __init__(self, path, told):
        super().__init__(path)
        self.told = told

    def store(self, saved):
        super().store(saved)
        self.told.append(("stored",))


class Full(StateFile):
    """The disk is full."""

    def store(self, saved):
        raise OSError("no space left")


class Tests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        quick = mock.patch.multiple(roomcall.client, FIRST_PAUSE=0.01, LONGEST_PAUSE=0.02, LATER=0.05)
        quick.start()
        self.addCleanup(quick.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.server = Server()
        self.server.fact(Fact.ROOM_OPENED("standup", "ana"))
        self.server.fact(Fact.USER_ENTERED("standup", "ana", "mac"))

    def start(self, user, device, **options):
        app = Recorder()
        client = Client(Handset(user, device), self.server.connect(user, device), app, **options)
        return self.run_client(client), app

    def run_client(self, client):
        client.task = asyncio.ensure_future(client.run())
        self.addAsyncCleanup(self.finish, client)
        return client

    async def finish(self, client):
        client.stop()
        await asyncio.wait_for(client.task, 5)

    async def pair(self):
        """ana in the room, and bo outside; both connected."""
        ana, told_ana = self.start("ana", "mac")
        bo, told_bo = self.start("bo", "phone")
        ana.in_room("standup")
        await self.ready(ana, bo)
        return ana, told_ana, bo, told_bo

    async def ready(self, *clients):
        for _ in range(500):
            if all(it.handset.is_ready() for it in clients):
                return
            await asyncio.sleep(0.01)
        self.fail("no snapshot came")

    async def test_a_call_rings_is_accepted_and_is_joined(self):
        ana, told_ana, bo, told_bo = await self.pair()
        ana.tap(Tap.CALL("standup", ["bo"], 30, "about lunch"))
        _, call, stage, left, is_news = await told_bo.until("show")
        self.assertEqual((call.caller, call.extension_info, stage, is_news), ("ana", "about lunch", Stage.RINGING, True))
        self.assertLessEqual(left, 30_000)
        bo.tap(Tap.ACCEPT(call.attempt))
        self.assertEqual((await told_bo.until("dismiss"))[2], Dismissal.ANSWERED_HERE())
        self.assertEqual((await told_bo.until("join"))[1], "standup")
        for _ in range(500):
            states = [it[4] for it in told_ana.told if it[0] == "progress"]
            if states and states[-1] == Progress.ACCEPTED():
                break
            await asyncio.sleep(0.01)
        self.assertEqual(states, [Progress.ASKING(), Progress.CALLING(), Progress.RINGING(), Progress.ACCEPTED()])

    async def test_an_answer_without_a_connection_is_sent_after_it(self):
        ana, told_ana, bo, told_bo = await self.pair()
        ana.tap(Tap.CALL("standup", ["bo"], 30, ""))
        _, call, *_ = await told_bo.until("show")
        self.server.refusal = OSError("no network")
        next(it for it in self.server.connections if it.user == "bo").cut()
        await told_bo.until("disconnected")
        bo.tap(Tap.REJECT(call.attempt, CallRejectionReason.BUSY))
        before = self.server.attempts
        while self.server.attempts < before + 3:
            await asyncio.sleep(0.01)
        self.server.refusal = None
        self.assertEqual((await told_bo.until("dismiss"))[2], Dismissal.REJECTED_HERE())
        _, _, _, _, progress = [it for it in told_ana.told if it[0] == "progress"][-1]
        self.assertEqual(progress, Progress.REJECTED(CallRejectionReason.BUSY))

    async def test_a_request_that_is_not_answered_is_sent_again_by_the_timer(self):
        bo, _ = self.start("bo", "phone")
        await self.ready(bo)
        connection = self.server.connections[0]
        connection.is_deaf, connection.sent = True, []
        bo.in_room("standup")
        for _ in range(400):
            if len(connection.sent) > 1:
                break
            await asyncio.sleep(0.01)
        self.assertEqual(connection.sent[0], connection.sent[1])

    async def test_a_close_code_may_forbid_to_connect_again(self):
        for code in FINAL:
            bo, told = self.start("bo", "phone")
            await self.ready(bo)
            self.server.connections[0].cut(code)
            await told.until("over")
            await asyncio.wait_for(bo.task, 5)
            self.assertEqual(self.server.connections, [])

    async def test_another_close_code_does_not(self):
        bo, told = self.start("bo", "phone")
        for times, code in enumerate((1001, 4401, 4408, 4429, 4431, None), 1):
            await self.ready(bo)
            await told.until("connected", times)
            self.server.connections[0].cut(code)
            self.assertEqual((await told.until("disconnected", times))[1], code)
        await told.until("connected", 7)

    def test_the_close_codes_are_those_of_the_documents(self):
        page = next(it for it in Path(__file__).resolve().parents if (it / "docs/clients.md").exists())
        rows = re.findall(r"^\| (\d{4}) \|.*\| ([^|]*) \|$", (page / "docs/clients.md").read_text(), re.MULTILINE)
        self.assertGreater(len(rows), 8)
        self.assertEqual({int(code) for code, what in rows if "does not" in what}, set(FINAL))

    async def test_a_server_that_says_no_is_not_asked_again(self):
        self.server.refusal = Refusal(401, "the token is not valid")
        _, told = self.start("bo", "phone")
        self.assertIn("401", (await told.until("over"))[1])
        for status in (429, 503):
            self.server.refusal = Refusal(status)
            _, told = self.start("bo", "phone")
            before = self.server.attempts
            while self.server.attempts < before + 2:
                await asyncio.sleep(0.01)
            self.assertNotIn("over", told.words())

    async def test_the_state_is_stored_before_its_effects(self):
        ana, *_ = await self.pair()
        app = Recorder()
        store = Order(self.folder / "state", app.told)
        tablet = Client(Handset("bo", "tablet"), self.server.connect("bo", "tablet"), app, store)
        self.run_client(tablet)
        await self.ready(tablet)
        ana.tap(Tap.CALL("standup", ["bo"], 30, ""))
        await app.until("show")
        place = app.words().index("show")
        self.assertEqual(app.words()[place - 1], "stored")
        self.assertEqual(list(self.folder.iterdir()), [self.folder / "state"], "no half of a file is left")

    async def test_a_killed_process_shows_what_rang_and_learns_for_how_long_it_was_dead(self):
        wall = 1_000.0
        store = StateFile(self.folder / "state", lambda: wall)
        connect = self.server.connect("bo", "phone")
        told = Recorder()
        phone = Client.open("bo", "phone", connect, told, store)
        phone.push(RING)
        self.assertEqual(told.words(), ["show"])
        phone.stop()
        wall = 1_005.0
        told = Recorder()
        phone = Client.open("bo", "phone", connect, told, store)
        _, call, stage, left, is_news = told.told[0]
        self.assertEqual((call.attempt, stage, left, is_news), (9, Stage.RINGING, 25_000, False))
        self.assertEqual(store.load()[1], 5_000)
        wall = 900.0
        self.assertIsNone(store.load()[1], "the wall clock was set back")
        with self.assertRaises(ValueError):
            Client.open("bo", "tablet", connect, told, store)
        store.store(b"{}")
        with self.assertRaises(RestoreError):
            Client.open("bo", "phone", connect, told, store)
        (self.folder / "state").write_bytes(b"half of it")
        with self.assertRaises(ValueError):
            store.load()

    def rang(self):
        """The state of a phone that was killed while a call rang, and is restored 200 milliseconds before its deadline."""
        wall = [1_000.0]
        store = StateFile(self.folder / "state", lambda: wall[0])
        phone = Client.open("bo", "phone", self.server.connect("bo", "phone"), Recorder(), store)
        phone.push(RING)
        phone.stop()
        wall[0] += 29.8
        return store

    async def test_a_restored_call_ends_at_its_deadline_without_a_connection(self):
        told = Recorder()
        phone = Client.open("bo", "phone", self.server.connect("bo", "phone"), told, self.rang())
        self.assertEqual(told.words(), ["show"])
        self.assertEqual((await told.until("dismiss"))[1:], (9, Dismissal.SILENCED()))
        phone.stop()

    async def test_it_may_be_opened_before_there_is_a_loop(self):
        store = self.rang()
        connect = self.server.connect("bo", "phone")
        self.server.refusal = OSError("no network")
        told = Recorder()
        self.run_client(await asyncio.to_thread(Client.open, "bo", "phone", connect, told, store))
        self.assertEqual((await told.until("dismiss"))[1:], (9, Dismissal.SILENCED()))

    async def test_a_store_that_fails_loses_no_effect_and_no_connection(self):
        failed = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context["exception"]))
        told = Recorder()
        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), told, Full(self.folder / "state"))
        phone.push(RING)
        self.assertEqual((told.words(), [str(it) for it in failed]), (["show"], ["no space left"]))
        self.run_client(phone)
        await self.ready(phone)
        self.server.connections[0].cut()
        await told.until("connected", 2)
        self.assertEqual(len(self.server.connections), 1)

    async def test_what_an_app_raises_about_the_connection_does_not_end_it(self):
        failed = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(str(context["exception"])))

        class Failing(App):
            def connected(self):
                raise RuntimeError("connected")

            def disconnected(self, code):
                raise RuntimeError("disconnected")

        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), Failing())
        self.run_client(phone)
        await self.ready(phone)
        self.server.connections[0].cut()
        while len(failed) < 3:
            await asyncio.sleep(0.01)
        self.assertEqual(failed, ["connected", "disconnected", "connected"])

    async def test_a_refused_input_does_not_take_the_first_one_along(self):
        told = Recorder()
        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), told, occupied=True)
        answer = Answer.GET_CALL_LOG([LogEntry(number=1, room_id="standup", caller="ana", age=7)], False, 0, 1, 0, 1)
        with self.assertRaises(InvalidValueError):
            phone.apply(Input.REPLY(Reply.ANSWERED(1, answer)))
        phone.push(RING)
        self.assertEqual(told.told[0][2], Stage.WAITING)

    async def test_a_replaced_device_stores_no_more(self):
        told = Recorder()
        store = Order(self.folder / "state", told.told)
        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), told, store)
        self.run_client(phone)
        await self.ready(phone)
        before = told.words().count("stored")
        self.server.connections[0].cut(4409)
        await told.until("over")
        phone.push(RING)
        await told.until("show")
        self.assertEqual(told.words().count("stored"), before)

    async def test_a_wake_during_a_connection_shortens_no_later_pause(self):
        bo, told = self.start("bo", "phone")
        await self.ready(bo)
        bo.wake()
        with mock.patch.multiple(roomcall.client, FIRST_PAUSE=60.0, LONGEST_PAUSE=60.0):
            self.server.connections[0].cut()
            await told.until("disconnected")
            await asyncio.sleep(0.1)
            self.assertEqual(self.server.attempts, 1)
            bo.wake()
            await told.until("connected", 2)

    async def test_each_push_of_a_ring_is_answered_at_once(self):
        told = Recorder()
        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), told)
        phone.push(RING)
        phone.push(RING)
        phone.push({**RING, "callee": "cy", "attempt": "10"})
        phone.push({**RING, "event": "cancelled"})
        phone.push(RING)
        phone.push({**RING, "event": "aLaterOne"})
        self.assertEqual(told.words(), ["show", "report", "report", "dismiss", "report"])
        phone.sign_out()
        phone.push({**RING, "attempt": "11"})
        self.assertEqual(told.words()[-1], "report")

    async def test_what_has_the_device_from_the_start_keeps_it_silent(self):
        told = Recorder()
        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), told, occupied=True)
        phone.push(RING)
        self.assertEqual(told.told[0][2], Stage.WAITING)
        phone.occupied(False)
        self.assertEqual(told.words(), ["show", "update"])

    async def test_an_app_that_fails_hears_the_rest(self):
        failed = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
        told = Recorder()

        class Failing(App):
            def show(self, *_):
                raise RuntimeError("no screen")

            def dismiss(self, *values):
                told.note("dismiss", values)

        phone = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), Failing())
        phone.push(RING)
        phone.push({**RING, "event": "missed"})
        self.assertEqual((len(failed), told.words()), (1, ["dismiss"]))

    async def test_what_an_effect_asks_for_comes_after_its_step(self):
        order = []

        class Hasty(App):
            def show(self, call, *_):
                self.client.tap(Tap.SILENCE(call.attempt))
                order.append("show")

            def update(self, *_):
                order.append("update")

        app = Hasty()
        app.client = Client(Handset("bo", "phone"), self.server.connect("bo", "phone"), app)
        app.client.push(RING)
        self.assertEqual(order, ["show", "update"])

    def test_every_effect_has_a_callback(self):
        kinds = {it for it in vars(Effect).values() if isinstance(it, type)}
        self.assertEqual(kinds, {*CALLBACKS, Effect.SHOW, Effect.SEND})


if __name__ == "__main__":
    unittest.main()
