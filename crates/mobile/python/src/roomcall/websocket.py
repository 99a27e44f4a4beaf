"""Connections by the package `websockets`: `pip install roomcall[websockets]`."""
from typing import Callable

from websockets.asyncio.client import ClientConnection, connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from .client import Closed, Connect, Connection, Refusal

#: What a server may send in one message, in bytes.
LONGEST_MESSAGE = 16 * 1024 * 1024


def connect(url: str, token: Callable[[], str]) -> Connect:
    """Connects to `/v1/socket` of a server. `token` gives one that is valid now, each time."""

    async def open_connection() -> Connection:
        headers = {"Authorization": f"Bearer {token()}"}
        try:
            socket = await open_socket(url, additional_headers=headers, max_size=LONGEST_MESSAGE)
        except InvalidStatus as error:
            response = error.response
            raise Refusal(response.status_code, (response.body or b"").decode(errors="replace")) from error
        except InvalidHandshake as error:
            raise OSError(str(error)) from error
        return Socket(socket)

    return open_connection


class Socket:
    """A WebSocket."""

    def __init__(self, socket: ClientConnection):
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed as error:
            raise closed(error) from error

    async def receive(self) -> str:
        try:
            while True:
                message = await self._socket.recv()
                if isinstance(message, str):
                    return message
        except ConnectionClosed as error:
            raise closed(error) from error

    async def close(self) -> None:
        await self._socket.close()


def closed(error: ConnectionClosed) -> Closed:
    return Closed(error.rcvd.code if error.rcvd is not None else None)
