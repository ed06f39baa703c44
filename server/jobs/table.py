"""Jobs as clients see them: a number, progress, and exactly one terminal answer.

A job wraps one coroutine. However that ends (a result, an error, a cancelled request, a lost
worker, a bug) the table sends one terminal message and forgets the job.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Literal

from sdaudio.errors import SdaudioError, UsageError
from sdaudio.tasks.requests import Progressed, Report, Request

from ..wire import Argument, Message, Peer
from .lanes import Cancelled, CancelToken, Lanes

logger = logging.getLogger(__name__)

State = Literal["waiting", "running"]
Results = tuple[Argument, ...]
Work = Callable[["Job"], Coroutine[None, None, Results]]


class Job:
    """One job: what was asked, by whom, and how far it is."""

    def __init__(self, number: int, address: str, peer: Peer, table: "JobTable") -> None:
        self.number = number
        self.address = address
        self.peer = peer
        self.state: State = "waiting"
        self.fraction = 0.0
        self.eta_s = -1.0
        self.text = "waiting"
        self.trains = ""
        """The model it trains, for those who want to stop that by name."""
        self._table = table
        self._token = CancelToken()
        self._cancelled = False

    @property
    def described(self) -> Results:
        """The arguments of ``/sda/job/state``."""
        return self.number, self.address, self.state, self.fraction, self.eta_s, self.text

    def cancel(self) -> None:
        """Ask for the end without a result; the terminal answer follows by itself."""
        self._cancelled = True
        self._token.cancel()

    def stop(self) -> None:
        """Ask for an early end with the result so far, if the job can have one."""
        self._token.cancel()

    async def run(
        self, request: Request, *, on_report: Callable[[Report], None] | None = None
    ) -> object:
        """Run a request in its lane; progress is passed on to the clients.

        Raises:
            SdaudioError: as `Lane.run`.
            Cancelled: the job was cancelled and there is no result.
        """

        def hear(report: Report) -> None:
            self.state = "running"
            if isinstance(report, Progressed):
                self.progress(report.fraction, report.eta_s, report.text)
            elif on_report:
                on_report(report)

        result = await self._table.lanes.run(request, on_report=hear, token=self._token)
        if self._cancelled:
            raise Cancelled
        return result

    def progress(self, fraction: float, eta_s: float, text: str) -> None:
        """Tell the clients how far the job is (0 to 1) and how many seconds are left."""
        self.state, self.fraction, self.eta_s, self.text = "running", fraction, eta_s, text
        self.tell("/sda/job/progress", self.number, float(fraction), float(eta_s), text)

    def tell(self, address: str, *arguments: Argument) -> None:
        """Send something about this job to its asker and to every subscriber."""
        self._table.send(self.peer, Message(address, arguments))


class JobTable:
    """The jobs that run or wait.

    Args:
        lanes: where requests run.
        send: delivers a message to a job's asker and to every subscriber.
    """

    def __init__(self, lanes: Lanes, send: Callable[[Peer, Message], None]) -> None:
        self.lanes = lanes
        self.send = send
        self._numbers = itertools.count(1)
        self._jobs: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._short: dict[asyncio.Task[None], Peer] = {}

    def __iter__(self) -> Iterator[Job]:
        """The jobs, oldest first."""
        return iter([job for job, _ in self._jobs.values()])

    def __len__(self) -> int:
        return len(self._jobs)

    def start(self, address: str, peer: Peer, work: Work) -> Job:
        """Start a job; its terminal answer is sent when ``work`` ends."""
        job = Job(next(self._numbers), address, peer, self)
        task = asyncio.get_running_loop().create_task(self._finish(job, work), name=address)
        self._jobs[job.number] = (job, task)
        return job

    def cancel(self, number: int) -> Job:
        """Ask a job to end.

        Raises:
            UsageError: there is no such job.
        """
        if number not in self._jobs:
            known = ", ".join(str(n) for n in self._jobs) or "none"
            raise UsageError(f"There is no job {number}; jobs now: {known}.")
        job, _ = self._jobs[number]
        job.cancel()
        return job

    def follow(self, peer: Peer, work: Coroutine[None, None, None]) -> None:
        """Run something short for a client that is no job but takes a moment."""
        task = asyncio.get_running_loop().create_task(work)
        self._short[task] = peer
        task.add_done_callback(self._short.pop)

    def tasks_of(self, peer: Peer) -> list[asyncio.Task[None]]:
        """What still runs for a client, but for what asks."""
        asking = asyncio.current_task()
        jobs = [task for job, task in self._jobs.values() if job.peer == peer]
        short = [task for task, other in self._short.items() if other == peer]
        return [task for task in jobs + short if task is not asking]

    async def close(self) -> None:
        """Stop everything and wait until every job has had its terminal answer."""
        for job, _ in list(self._jobs.values()):
            job.stop()
        await asyncio.gather(*(task for _, task in list(self._jobs.values())))
        for task in list(self._short):
            task.cancel()
        await asyncio.gather(*self._short, return_exceptions=True)

    async def _finish(self, job: Job, work: Work) -> None:
        try:
            results = await work(job)
            job.tell("/sda/job/done", job.number, job.address, *results)
        except Cancelled:
            job.tell("/sda/job/cancelled", job.number, job.address)
        except SdaudioError as error:
            job.tell("/sda/job/failed", job.number, job.address, error.code, str(error))
        except Exception as error:
            logger.exception("job %d (%s) failed unexpectedly", job.number, job.address)
            text = f"{type(error).__name__}: {error}"
            job.tell("/sda/job/failed", job.number, job.address, SdaudioError.code, text)
        finally:
            del self._jobs[job.number]
