"""Where the state of a handset outlives the process."""
import os
import tempfile
import time
from pathlib import Path
from typing import Callable


class StateFile:
    """The saved state in a file, which is replaced as a whole or not at all.

    With it is the time of the wall clock, by which a restored handset learns for how long it was dead (D-25).
    """

    def __init__(self, path: "str | os.PathLike[str]", wall: Callable[[], float] = time.time):
        self._path = Path(path)
        self._wall = wall

    def load(self) -> "tuple[bytes, int | None] | None":
        """The state, and how many milliseconds ago it was stored; None for these if the wall clock was set back.

        None if nothing was stored. Raises ValueError for a file that `store` did not write.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        stored, found, saved = content.partition(b"\n")
        if not found or not stored.isdigit():
            raise ValueError(f"{self._path} has no saved handset: remove it, and sign in under a new device id")
        dead = round(self._wall() * 1000) - int(stored)
        return saved, dead if dead >= 0 else None

    def store(self, saved: bytes) -> None:
        """Replaces the state. When it returns, neither a kill nor a loss of power gives back an older half of it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(b"%d\n" % round(self._wall() * 1000) + saved)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._path)
        except BaseException:
            os.unlink(name)
            raise
