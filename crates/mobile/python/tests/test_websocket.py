"""The client over a real socket, where the package `websockets` is installed."""
import asyncio
import unittest

from rig import Connection, Recorder, Server
from roomcall import Client, Closed, Fact, Handset, Refusal

try:
    from websockets.asyncio.server import serve
    from roomcall.websocket import connect
except ImportError:
    serve = None


@unittest.skipIf(serve is None, "the package websockets is not installed")
class Tests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = Server()
        self.server.fact(Fact.ROOM_OPENED("standup", "ana"))
        self.tokens = []

        async def handle(socket):
            connection = Connection(self.server, "bo", "phone")
            self.server.connections.append(connection)

            async def write():
                try:
                    while True:
                        await socket.send(await connection.receive())
                except Closed as closed:
                    await socket.close(closed.code or 1000)

            writing = asyncio.ensure_future(write())
            async for text in socket:
                await connection.send(text)
            writing.cancel()

        def check(socket, request):
            self.tokens.append(request.headers["Authorization"])
            if request.headers["Authorization"] != "Bearer right":
                return socket.respond(401, '{"error":"the token is not valid"}')

        self.socket = await serve(handle, "127.0.0.1", 0, process_request=check)
        self.url = f"ws://127.0.0.1:{self.socket.sockets[0].getsockname()[1]}/v1/socket"

    async def asyncTearDown(self):
        self.socket.close()
        await self.socket.wait_closed()

    async def test_it_connects_hears_and_is_closed_for_good(self):
        told = Recorder()
        client = Client(Handset("bo", "phone"), connect(self.url, lambda: "right"), told)
        running = asyncio.ensure_future(client.run())
        for _ in range(500):
            if client.handset.is_ready():
                break
            await asyncio.sleep(0.01)
        self.assertTrue(client.handset.is_ready())
        self.server.connections[0].cut(4409)
        await told.until("over")
        self.assertEqual(await told.until("disconnected"), ("disconnected", 4409))
        await asyncio.wait_for(running, 5)

    async def test_a_token_that_is_not_valid_is_a_refusal(self):
        with self.assertRaises(Refusal) as raised:
            await connect(self.url, lambda: "wrong")()
        self.assertEqual(raised.exception.status, 401)
        self.assertIn("not valid", raised.exception.reason)


if __name__ == "__main__":
    unittest.main()
