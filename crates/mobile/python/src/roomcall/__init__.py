"""The handset and the switchboard of roomcall.

`Handset` decides what the screen of one signed-in device shows and what it sends; it does no I/O. `Client` runs one on
asyncio: connection, timers, saved state. `Switchboard` is the state machine of a server, for tests and small hosts. All
times are milliseconds of a monotonic clock that starts with the process.
"""
from .roomcall_mobile import *  # noqa: F403
from .client import App, Client, Closed, Connection, Refusal
from .state import StateFile

__all__ = [name for name in dir() if not name.startswith("_")]
