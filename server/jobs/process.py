"""The daemon's side of a worker process: its pipe, its signs of life, its end.

Two small threads serve the pipe, because that works on every platform: one reads, and one writes,
since a pipe to a process that has stopped is full soon and would keep the daemon.
"""

import asyncio
import logging
import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from sdaudio.tasks.requests import Lane as LaneName

from .protocol import End, FromWorker, Ping, ToWorker
from .worker import worker_main

logger = logging.getLogger(__name__)

# One computing thread per process: on busy cores two are many times slower than one. Set before
# numpy is imported in the worker, which reads it then.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerProcess:
    """One process and the threads that serve its pipe.

    Args:
        lane: which requests it takes.
        niceness: how much it yields to other processes.
        loop: where the two below are called.
        heard: called with every message.
        lost: called once, when it has ended.
    """

    def __init__(
        self,
        lane: LaneName,
        niceness: int,
        loop: asyncio.AbstractEventLoop,
        heard: Callable[["WorkerProcess", FromWorker], None],
        lost: Callable[["WorkerProcess"], None],
    ) -> None:
        self.ready = False
        self.unanswered = 0
        """Signs of life that were asked for since it last said anything."""
        self.started_at = time.monotonic()
        self._heard, self._lost, self._loop = heard, lost, loop
        self._gave_up = ""
        self._computed = 0
        self._outgoing: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
        self._connection, theirs = multiprocessing.get_context("spawn").Pipe()
        for variable in _THREAD_VARIABLES:
            os.environ.setdefault(variable, "1")
        self._process = multiprocessing.get_context("spawn").Process(
            target=worker_main, args=(theirs, lane, niceness), name=f"sdaudio-{lane}", daemon=True
        )
        self._process.start()
        theirs.close()
        threading.Thread(target=self._read, name=f"{lane}-reader", daemon=True).start()
        threading.Thread(target=self._write, name=f"{lane}-writer", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid

    def send(self, message: ToWorker) -> None:
        """Send a message; a dead worker is noticed by the reading thread."""
        self._outgoing.put(message)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.unanswered += 1
        self.send(Ping())

    def computes(self) -> bool:
        """Whether it has used its processor since this was asked last; False where unknown."""
        before, self._computed = self._computed, _processor_time(self.pid)
        return self._computed > before

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def give_up(self, reason: str) -> None:
        """End it at once, for a reason that is told."""
        self._gave_up = reason
        self.kill()

    def end(self) -> None:
        """Ask the process to exit and wait for it; an idle one ends at once."""
        self.send(End())
        self._process.join(1.0)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(1.0)

    def exit_reason(self) -> str:
        """Say why it has ended."""
        self._process.join(0.2)
        code = self._process.exitcode
        if self._gave_up:
            return self._gave_up
        if code is None:
            return "it closed its pipe"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def _write(self) -> None:
        while (message := self._outgoing.get()) is not None:
            try:
                self._connection.send(message)
            except OSError:
                pass  # it has ended, which the reading thread tells
            except Exception:
                # what cannot be written would be waited for for ever
                logger.exception("a request cannot be sent to the worker")
                self.give_up("a request could not be sent")

    def _read(self) -> None:
        connection: Connection = self._connection
        while True:
            try:
                message = connection.recv()
            except (EOFError, OSError):
                break
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._heard, self, message)
        self._outgoing.put(None)
        connection.close()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lost, self)


def _processor_time(pid: int | None) -> int:
    """What a process has computed so far, in clock ticks; 0 where the system does not tell."""
    try:
        # the name of the program stands in brackets and may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError):
        return 0
