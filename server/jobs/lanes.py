"""Lanes: queues of requests, each with one worker process that can be lost and replaced.

A lane runs one request at a time. Its worker is started ahead of need; when it dies, or gives no
sign of life, its request ends in `JobError` and a new worker takes over. One that dies again and
again is tried every few seconds, and until it lives requests are refused with the reason. All calls
belong to the event loop's thread.
"""

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sdaudio.errors import JobError, SdaudioError, StateError, error_of
from sdaudio.settings import WorkerSettings
from sdaudio.tasks.requests import Lane as LaneName
from sdaudio.tasks.requests import Report, Request

from .process import WorkerProcess
from .protocol import Failed, Finished, FromWorker, Pong, Ready, Reported, Run, Stop

logger = logging.getLogger(__name__)

PING_S = 2.0
"""Between two signs of life that are asked for."""
SILENT_PINGS = 4
"""So many that are not answered mean a worker that hangs, unless it computes."""
BUSY_PINGS = 30
"""The same for one that computes: what is read or loaded may keep it from answering."""
QUICK_DEATHS = 4
"""So many one after the other, soon after each start, and a lane is degraded."""
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
        self._worker: WorkerProcess | None = None
        self._quick_deaths = 0
        self._closed = False
        self.n_lost = 0
        """Workers that died or hung so far."""
        self.degraded = ""
        """Why requests are refused; empty while they are taken."""
        self.on_state: Callable[[Lane], None] = lambda _lane: None
        """Called when the worker is ready, is lost, or the lane is degraded or no longer so."""

    @property
    def alive(self) -> bool:
        """Whether its worker runs and is ready."""
        return self._worker is not None and self._worker.ready

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, or None between two workers."""
        return self._worker.pid if self._worker else None

    @property
    def described(self) -> tuple[str, int, int, str]:
        """The arguments of ``/sda/worker/state``."""
        return self.name, self.worker_pid or 0, int(self.alive), self.degraded

    def start(self) -> None:
        """Start the worker ahead of the first request."""
        if self._worker is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._worker = WorkerProcess(self.name, self._niceness, loop, self._heard, self._lost)
            loop.call_later(PING_S, self._look_after, self._worker)

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
        if self.degraded:
            raise JobError(self.degraded)
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

    def _cancel_firmly(self, ticket: _Ticket, worker: WorkerProcess) -> None:
        if not ticket.future.done() and worker is self._worker:
            logger.warning("%s worker did not stop in time and is replaced", self.name)
            _settle(ticket, Cancelled())
            worker.kill()

    def _heard(self, worker: WorkerProcess, message: FromWorker) -> None:
        if worker is not self._worker:
            return
        worker.unanswered = 0
        if isinstance(message, Pong):
            return
        if isinstance(message, Ready):
            worker.ready = True
            asyncio.get_running_loop().call_later(_HEALTHY_S, self._recovered, worker)
            self.on_state(self)
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

    def _pass_on(self, ticket: _Ticket, report: Report, worker: WorkerProcess) -> None:
        if ticket.on_report is None or ticket.future.done():
            return
        try:
            ticket.on_report(report)
        except Exception as error:  # noqa: BLE001 (handed on)
            # whoever asked cannot take what comes: the request has failed, whatever it still does
            _settle(ticket, error)
            worker.send(Stop(ticket.number))

    def _lost(self, worker: WorkerProcess) -> None:
        if worker is not self._worker:
            return
        self._worker = None
        self.n_lost += not self._closed
        reason = worker.exit_reason()
        if self._current:
            ticket, self._current = self._current, None
            text = f"The {self.name} worker was lost ({reason}). Send it again."
            _settle(ticket, JobError(text))
        if self._closed:
            return
        quick = time.monotonic() - worker.started_at < _HEALTHY_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        if self._quick_deaths >= QUICK_DEATHS:
            self._degrade(reason)
        self.on_state(self)
        delay = min(0.05 * 2**self._quick_deaths, _MAX_RESTART_DELAY_S) if quick else 0.0
        logger.warning(
            "%s worker was lost (%s); a new one starts in %.1f s",
            self.name, reason, delay,
        )  # fmt: skip
        asyncio.get_running_loop().call_later(delay, self.start)

    def _degrade(self, reason: str) -> None:
        self.degraded = (
            f"The {self.name} worker ends as soon as it is started ({reason}), "
            f"{self._quick_deaths} times so far. It is tried again every "
            f"{_MAX_RESTART_DELAY_S:g} s; the log of the daemon tells more."
        )
        for ticket in self._waiting:
            _settle(ticket, JobError(self.degraded))
        self._waiting.clear()

    def _recovered(self, worker: WorkerProcess) -> None:
        if worker is self._worker and worker.ready:
            self._quick_deaths = 0
            if self.degraded:
                self.degraded = ""
                logger.warning("%s worker lives again", self.name)
                self.on_state(self)

    def _look_after(self, worker: WorkerProcess) -> None:
        """Ask a worker for a sign of life; end one that has not given any for too long."""
        if worker is not self._worker or self._closed:
            return
        allowed = BUSY_PINGS if worker.computes() else SILENT_PINGS
        if worker.unanswered >= allowed:
            worker.give_up(f"no sign of life for {worker.unanswered * PING_S:g} s")
            return
        worker.ping()
        asyncio.get_running_loop().call_later(PING_S, self._look_after, worker)


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

    def on_state(self, hear: Callable[[Lane], None]) -> None:
        """Say what to call when a lane's worker is ready or lost; see `Lane.on_state`."""
        for lane in self._lanes.values():
            lane.on_state = hear

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
