"""The main function of a worker process: take a request, run it, answer, again.

One thread runs requests; another listens, so that a `Stop` is seen in the middle of a run and the
process ends at once when the daemon is gone.
"""

import contextlib
import logging
import os
import queue
import signal
import threading
import traceback
from multiprocessing.connection import Connection

from sdaudio.errors import JobError, SdaudioError
from sdaudio.tasks.requests import Lane, Report

from .protocol import (
    Failed,
    Finished,
    FromWorker,
    Ping,
    Pong,
    Ready,
    Reported,
    Run,
    Stop,
    ToWorker,
)

ORPHAN_GRACE_S = 5.0


def worker_main(connection: Connection, lane: Lane, niceness: int) -> None:
    """Serve requests of one lane until the daemon closes the pipe."""
    # Ctrl-C reaches the whole process group; only the daemon decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    logging.basicConfig(level=logging.WARNING, format=f"{lane} worker: %(message)s")
    _Worker(connection, lane).serve()


class _Worker:
    def __init__(self, connection: Connection, lane: Lane) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._runs: queue.SimpleQueue[Run | None] = queue.SimpleQueue()
        self._stopped: set[int] = set()
        self._orphaned = threading.Event()
        if lane == "train":
            from sdaudio.tasks.training import run
        else:
            from sdaudio.tasks.rendering import run
        self._run = run

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._send(Ready())
        while (run := self._runs.get()) is not None:
            self._send(self._answer(run))
            self._stopped.discard(run.ticket)

    def _listen(self) -> None:
        while True:
            try:
                message: ToWorker = self._connection.recv()
            except (EOFError, OSError):
                # The daemon is gone: end what runs politely, and for certain soon after.
                self._orphaned.set()
                self._runs.put(None)
                backstop = threading.Timer(ORPHAN_GRACE_S, os._exit, (1,))
                backstop.daemon = True
                backstop.start()
                return
            if isinstance(message, Ping):
                self._send(Pong())
            elif isinstance(message, Stop):
                self._stopped.add(message.ticket)
            elif isinstance(message, Run):
                self._runs.put(message)
            else:
                self._runs.put(None)
                return

    def _answer(self, run: Run) -> FromWorker:
        def report(report: Report) -> None:
            self._send(Reported(run.ticket, report))

        def should_stop() -> bool:
            return run.ticket in self._stopped or self._orphaned.is_set()

        try:
            result = self._run(run.request, report=report, should_stop=should_stop)
            return Finished(run.ticket, result, should_stop())
        except SdaudioError as error:
            return Failed(run.ticket, error.code, str(error), traceback.format_exc())
        except MemoryError:
            return Failed(run.ticket, JobError.code, "Not enough memory for this job.", "")
        except Exception as error:  # noqa: BLE001 (the one place where a worker catches)
            text = f"{type(error).__name__}: {error}"
            return Failed(run.ticket, SdaudioError.code, text, traceback.format_exc())

    def _send(self, message: FromWorker) -> None:
        # a closed pipe means the daemon is gone; the listener ends the process
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)
