"""One sqlite database in write-ahead mode that this process has for itself.

What `Database.write` has returned from, the operating system has: the death of the process, at any
moment, loses nothing of it. A thread lets the disk have it within a second, so that a power cut
costs no more. Nothing here knows what the rows mean.
"""

import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sdaudio.errors import FileError, StateError

logger = logging.getLogger(__name__)

FILE = "grids.sqlite3"
LOCK = "grids.lock"
SYNC_S = 1.0
"""Seconds that a power cut may cost."""
CHECKPOINT_BYTES = 8 << 20
"""Length of the write-ahead log at which it is moved into the database."""

_LOCK_WAIT_S = 2.0
# sqlite's type for anything that a row can hold
Value = int | float | str | bytes | None


class Database:
    """The database.

    Args:
        folder: where it is kept; None keeps it in memory.
        schema: statements that make its tables.
        version: of the schema.

    Raises:
        StateError: another daemon has it, or it was written by a newer sdaudio.
        FileError: it cannot be read or written.
    """

    def __init__(self, folder: Path | None, *, schema: str, version: int) -> None:
        self.problem = ""
        """What was found damaged and set aside when it was opened."""
        self._path = folder / FILE if folder else None
        self._schema, self._version = schema, version
        self._lock: sqlite3.Connection | None = None
        self._ended = threading.Event()
        self._behind = threading.Event()
        self._keeper: threading.Thread | None = None
        if folder:
            _make_folder(folder)
            self._lock = _locked(folder)
        self._connection = self._open()
        if self._path:
            self._keeper = threading.Thread(target=self._keep, name="journal", daemon=True)
            self._keeper.start()

    def close(self) -> None:
        """Move the log into the database and let another daemon have it."""
        self._ended.set()
        self._behind.set()
        if self._keeper:
            self._keeper.join()
        self._connection.close()
        if self._lock:
            self._lock.close()

    def read(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            FileError: they cannot be read.
        """
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise FileError(f"'{self._path}' cannot be read: {error}.") from error

    def write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do some work in one transaction: all of it, or nothing.

        Raises:
            FileError: it cannot be written.
        """
        try:
            with _transaction(self._connection):
                work(self._connection)
        except sqlite3.Error as error:
            raise FileError(
                f"The grids cannot be kept in '{self._path}' ({error}), so nothing was changed. "
                "Make room on the disk, or give the daemon another folder (folders.grids)."
            ) from error
        self._behind.set()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.OperationalError as error:
            raise FileError(f"Grids cannot be kept in '{self._path}': {error}.") from error
        except sqlite3.DatabaseError as error:
            assert self._path
            aside = _set_aside(self._path)
            self.problem = (
                f"'{self._path}' is damaged ({error}); it was set aside as '{aside.name}', and the "
                "grids in it are not open."
            )
            logger.error("%s", self.problem)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = self._plain_connection()
        connection.execute("PRAGMA journal_mode = WAL")
        [(version,)] = connection.execute("PRAGMA user_version")
        if version > self._version:
            raise StateError(
                f"'{self._path}' was written by a newer sdaudio (version {version}, this one knows "
                f"{self._version}). Use that one, or give this one another folder: sdaudio serve "
                "--grids FOLDER."
            )
        if version < self._version:
            connection.executescript(
                f"BEGIN; {self._schema} PRAGMA user_version = {self._version}; COMMIT;"
            )
        return connection

    def _plain_connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path or ":memory:", isolation_level=None)
        connection.execute("PRAGMA trusted_schema = OFF")
        # The log is safe from the death of this process as soon as it is written; see _keep for
        # the disk, which would stop the event loop for milliseconds.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection

    def _keep(self) -> None:
        """Let the disk have what was written, on a thread: it takes milliseconds and more."""
        connection = self._plain_connection()
        log = Path(f"{self._path}-wal")
        while not self._ended.is_set():
            self._behind.wait()
            self._ended.wait(SYNC_S)
            self._behind.clear()
            try:
                _sync(log)
                if log.stat().st_size > CHECKPOINT_BYTES:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except (OSError, sqlite3.Error) as error:
                logger.warning("the grids are not on the disk yet: %s", error)
        connection.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The folder '{folder}' for grids cannot be made: {error}.") from error


def _locked(folder: Path) -> sqlite3.Connection:
    """Hold the folder for this process alone; the lock ends with the process, however it ends."""
    try:
        lock = sqlite3.connect(folder / LOCK, isolation_level=None, timeout=_LOCK_WAIT_S)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
            raise StateError(
                f"Another daemon is running and keeps its grids in '{folder}'. Use that one, end "
                "it with /sda/quit, or give this one a port and a folder of its own: sdaudio serve "
                "--port PORT --grids FOLDER."
            ) from error
        raise FileError(f"Grids cannot be kept in '{folder}': {error}.") from error
    return lock


def _set_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except sqlite3.Error:
        # some errors have ended it already
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise
