"""Lanes: queues of requests, each with one worker process that can be lost and replaced.

A lane runs one request at a time. Its worker is started ahead of need; when it dies its request
ends in `JobError` and a new worker takes over. All calls belong to the event loop's thread; one
small thread per worker reads the pipe, because that works on every platform.
"""

import asyncio
import itertools
import logging
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from sdaudio.errors import JobError, SdaudioError, StateError, error_of
from sdaudio.settings import WorkerSettings
from sdaudio.tasks.requests import Lane as LaneName
from sdaudio.tasks.requests import Report, Request

from .protocol import End, Failed, Finished, FromWorker, Ready, Reported, Run, Stop, ToWorker
from .worker import worker_main

logger = logging.getLogger(__name__)

# One computing thread per process: on busy cores two are many times slower than one. Set before
# numpy is imported in the worker, which reads it then.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MAX_RESTART_DELAY_S = 5.0
_HEALTHY_S = 2.0


class Cancelled(Exception):  # noqa: N818 (an outcome, not an error)
    """The request was ended on demand before it had a result."""


class CancelToken:
    """Asks for the end of one request; may be used before, while or after it runs."""

    def __init__(self) -> None:
        self.cancelled = False
        self._on_cancel: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Ask for the end."""
        self.cancelled = True
        if self._on_cancel:
            self._on_cancel()

    def bind(self, on_cancel: Callable[[], None]) -> None:
        """Say what to call on `cancel`; called at once when it was asked for already."""
        self._on_cancel = on_cancel
        if self.cancelled:
            on_cancel()


@dataclass(slots=True)
class _Ticket:
    number: int
    request: Request
    future: asyncio.Future[object]
    on_report: Callable[[Report], None] | None
    running: bool = field(default=False)


class Lane:
    """One queue and the worker process that serves it.

    Args:
        name: which requests it takes.
        niceness: how much its worker yields to other processes.
        cancel_grace_s: how long a cancelled request may take before its worker is replaced.
    """

    def __init__(self, name: LaneName, *, niceness: int, cancel_grace_s: float) -> None:
        self.name = name
        self._niceness = niceness
        self._cancel_grace_s = cancel_grace_s
        self._waiting: deque[_Ticket] = deque()
        self._current: _Ticket | None = None
        self._numbers = itertools.count(1)
        self._worker: _Worker | None = None
        self._quick_deaths = 0
        self._closed = False

    @property
    def alive(self) -> bool:
        """Whether its worker runs and is ready."""
        return self._worker is not None and self._worker.ready

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, or None between two workers."""
        return self._worker.pid if self._worker else None

    def start(self) -> None:
        """Start the worker ahead of the first request."""
        if self._worker is None and not self._closed:
            self._worker = _Worker(
                self.name, self._niceness, asyncio.get_running_loop(), self._heard, self._lost
            )

    async def run(
        self,
        request: Request,
        *,
        on_report: Callable[[Report], None] | None = None,
        token: CancelToken | None = None,
    ) -> object:
        """Run a request in the worker and return its result.

        Raises:
            SdaudioError: what the worker raised, or `JobError` when the worker was lost.
            Cancelled: the token asked for the end and there is no result.
        """
        if self._closed:
            raise StateError("The daemon is ending.")
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        ticket = _Ticket(next(self._numbers), request, future, on_report)
        self._waiting.append(ticket)
        if token:
            token.bind(lambda: self._cancel(ticket))
        self._next()
        return await future

    async def close(self) -> None:
        """End the worker; what runs is asked to stop first."""
        self._closed = True
        for ticket in self._waiting:
            _settle(ticket, Cancelled())
        self._waiting.clear()
        if self._current and self._worker:
            self._worker.send(Stop(self._current.number))
            await asyncio.wait({self._current.future}, timeout=self._cancel_grace_s)
        if self._worker:
            worker, self._worker = self._worker, None
            await asyncio.to_thread(worker.end)
        if self._current:
            _settle(self._current, Cancelled())

    def _next(self) -> None:
        while self._waiting and self._waiting[0].future.done():
            self._waiting.popleft()  # whoever asked has gone
        if self._current is None and self._waiting and self.alive and self._worker:
            self._current = self._waiting.popleft()
            self._current.running = True
            self._worker.send(Run(self._current.number, self._current.request))
        elif self._worker is None:
            self.start()

    def _cancel(self, ticket: _Ticket) -> None:
        if ticket in self._waiting:
            self._waiting.remove(ticket)
            _settle(ticket, Cancelled())
        elif ticket is self._current and self._worker:
            self._worker.send(Stop(ticket.number))
            loop = asyncio.get_running_loop()
            loop.call_later(self._cancel_grace_s, self._cancel_firmly, ticket, self._worker)

    def _cancel_firmly(self, ticket: _Ticket, worker: "_Worker") -> None:
        if not ticket.future.done() and worker is self._worker:
            logger.warning("%s worker did not stop in time and is replaced", self.name)
            _settle(ticket, Cancelled())
            worker.kill()

    def _heard(self, worker: "_Worker", message: FromWorker) -> None:
        if worker is not self._worker:
            return
        if isinstance(message, Ready):
            worker.ready = True
        elif self._current is None or message.ticket != self._current.number:
            logger.error("%s worker answered an unknown ticket: %r", self.name, message)
        elif isinstance(message, Reported):
            self._pass_on(self._current, message.report, worker)
            return
        else:
            ticket, self._current = self._current, None
            self._quick_deaths = 0
            _settle(ticket, _outcome(message))
        self._next()

    def _pass_on(self, ticket: _Ticket, report: Report, worker: "_Worker") -> None:
        if ticket.on_report is None or ticket.future.done():
            return
        try:
            ticket.on_report(report)
        except Exception as error:  # noqa: BLE001 (handed on)
            # whoever asked cannot take what comes: the request has failed, whatever it still does
            _settle(ticket, error)
            worker.send(Stop(ticket.number))

    def _lost(self, worker: "_Worker") -> None:
        if worker is not self._worker:
            return
        self._worker = None
        reason = worker.exit_reason()
        if self._current:
            ticket, self._current = self._current, None
            text = f"The {self.name} worker was lost ({reason}). Send it again."
            _settle(ticket, JobError(text))
        if self._closed:
            return
        quick = time.monotonic() - worker.started_at < _HEALTHY_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        delay = min(0.05 * 2**self._quick_deaths, _MAX_RESTART_DELAY_S) if quick else 0.0
        logger.warning(
            "%s worker was lost (%s); a new one starts in %.1f s",
            self.name, reason, delay,
        )  # fmt: skip
        asyncio.get_running_loop().call_later(delay, self.start)


class Lanes:
    """All lanes of the daemon.

    Args:
        settings: how much trainings yield, and how long a cancelled request may take.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        quick = settings.cancel_grace_s
        self._lanes: dict[LaneName, Lane] = {
            "live": Lane("live", niceness=0, cancel_grace_s=quick),
            "render": Lane("render", niceness=0, cancel_grace_s=quick),
            "train": Lane(
                "train",
                niceness=settings.training_niceness,
                cancel_grace_s=settings.training_grace_s,
            ),
        }

    def __getitem__(self, name: LaneName) -> Lane:
        return self._lanes[name]

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    @property
    def n_alive(self) -> int:
        """Workers that run and are ready."""
        return sum(lane.alive for lane in self._lanes.values())

    def start(self) -> None:
        """Start the workers that answer people; the training worker starts when it is needed."""
        self._lanes["live"].start()
        self._lanes["render"].start()

    async def run(
        self,
        request: Request,
        *,
        on_report: Callable[[Report], None] | None = None,
        token: CancelToken | None = None,
    ) -> object:
        """Run a request in its lane; see `Lane.run`."""
        return await self._lanes[request.lane].run(request, on_report=on_report, token=token)

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(lane.close() for lane in self._lanes.values()))


class _Worker:
    """One process and the thread that reads its pipe."""

    def __init__(
        self,
        lane: LaneName,
        niceness: int,
        loop: asyncio.AbstractEventLoop,
        heard: Callable[["_Worker", FromWorker], None],
        lost: Callable[["_Worker"], None],
    ) -> None:
        self.ready = False
        self.started_at = time.monotonic()
        self._heard, self._lost, self._loop = heard, lost, loop
        self._connection, theirs = multiprocessing.get_context("spawn").Pipe()
        for variable in _THREAD_VARIABLES:
            os.environ.setdefault(variable, "1")
        self._process = multiprocessing.get_context("spawn").Process(
            target=worker_main, args=(theirs, lane, niceness), name=f"sdaudio-{lane}", daemon=True
        )
        self._process.start()
        theirs.close()
        threading.Thread(target=self._read, name=f"{lane}-pipe", daemon=True).start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def send(self, message: ToWorker) -> None:
        with suppress(OSError):  # a dead worker is noticed by the reading thread
            self._connection.send(message)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Ask the process to exit and wait for it; an idle one ends at once."""
        self.send(End())
        self._process.join(1.0)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(1.0)

    def exit_reason(self) -> str:
        self._process.join(0.2)
        code = self._process.exitcode
        if code is None:
            return "it closed its pipe"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def _read(self) -> None:
        connection: Connection = self._connection
        while True:
            try:
                message = connection.recv()
            except (EOFError, OSError):
                break
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._heard, self, message)
        connection.close()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lost, self)


def _outcome(message: Finished | Failed) -> object:
    if isinstance(message, Failed):
        if message.code == SdaudioError.code:
            logger.error("a worker failed unexpectedly:\n%s", message.traceback)
        return error_of(message.code, message.text)
    # A training that was stopped still has a result: the best so far.
    if message.stopped and message.result is None:
        return Cancelled()
    return message.result


def _settle(ticket: _Ticket, outcome: object) -> None:
    if ticket.future.done():
        return
    if isinstance(outcome, Exception):
        ticket.future.set_exception(outcome)
    else:
        ticket.future.set_result(outcome)
