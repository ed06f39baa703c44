"""One command on its way to a daemon, and everything that comes back until it has ended.

The end is found by asking ``/sda/sync`` behind the command: what that answers, and what its jobs
end with, comes before ``/sda/synced``. So nothing has to be known about a command, and a pattern
may stand for many. It prints nothing.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..client import Client, Event, Value, build_message
from ..patterns import is_pattern

Outcome = Literal["done", "failed", "cancelled", "no answer"]

_SYNC_NUMBER = 0x5DA
_CANCEL_S = 90.0
"""How long a cancelled job may take to end: a training saves what it has learned first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one command ended."""

    address: str
    outcome: Outcome
    results: tuple[Value, ...] = ()
    code: str = ""
    text: str = ""
    job: int = 0


@dataclass(frozen=True, slots=True)
class Listener:
    """What to do with what comes before the end."""

    on_message: Callable[[Event], None]
    """Called with every message that is neither progress nor an answer."""
    on_progress: Callable[[float, float, str], None]
    """Called with (fraction, seconds left or below 0, text)."""


class Exchange:
    """One command and its answers.

    Args:
        client: the connection; nobody else uses it meanwhile.
        address: the command, or a pattern.
        listener: told of what comes before the end.
        timeout_s: how long the daemon may be silent before it is asked whether it lives.
    """

    def __init__(
        self, client: Client, address: str, listener: Listener, *, timeout_s: float
    ) -> None:
        self._client = client
        self._address = address
        self._listener = listener
        self._timeout_s = timeout_s
        self._answers: list[Answer] = []
        self._synced = False

    def send(self, arguments: Sequence[Any], types: str = "") -> None:
        """Send the command, and behind it the question that is answered when all has ended.

        Raises:
            UsageError: an argument does not fit its type.
        """
        self._client.send_packet(build_message(self._address, arguments, types=types))
        if self._address != "/sda/sync":
            self._client.send("/sda/sync", _SYNC_NUMBER)

    def wait(self) -> list[Answer]:
        """Wait for the end and return an answer for every command that was meant.

        Raises:
            NoAnswerError: the daemon is not there, or not any more.
        """
        while not self._ended:
            event = self._client.receive(self._timeout_s)
            if event is not None:
                self._take(event)
            elif not self._running_jobs():
                break
        if not self._answers:
            raise self._client.silence(self._address)
        return self._answers

    def cancel(self) -> list[Answer]:
        """Cancel the jobs that the command has started, wait for their end and return as `wait`.

        Raises:
            NoAnswerError: the daemon does not answer.
        """
        jobs = self._running_jobs()
        for number in jobs:
            self._client.send("/sda/job/cancel", number)
        deadline = time.monotonic() + _CANCEL_S
        while jobs & self._open_jobs and time.monotonic() < deadline:
            event = self._client.receive(self._timeout_s)
            if event is None:
                jobs = self._running_jobs()
            elif event[1][:1] != ("/sda/job/cancel",):
                self._take(event)
        return self._answers or [Answer(self._address, "cancelled", text="Interrupted.")]

    @property
    def _ended(self) -> bool:
        if self._synced or is_pattern(self._address) or not self._answers:
            return self._synced
        # What cannot be the number of a job is the end; no need to wait for the other answer.
        answer = self._answers[0]
        return answer.outcome != "done" or bool(answer.job) or not _may_be_job(answer)

    @property
    def _open_jobs(self) -> set[Value]:
        """Numbers that were answered and may be those of jobs that have not ended."""
        return {each.results[0] for each in self._answers if _may_be_job(each) and not each.job}

    def _running_jobs(self) -> set[Value]:
        """Ask which jobs of ours still run."""
        self._client.send("/sda/job/list")
        listed: set[tuple[str, tuple[Value, ...]]] = set()
        while (event := self._client.receive(self._timeout_s)) is not None:
            match event:
                case "/sda/job/state", (number, str(address), *_):
                    listed.add((address, (number,)))
                case "/sda/done", ("/sda/job/list", _):
                    return {a.results[0] for a in self._answers if (a.address, a.results) in listed}
                case _:
                    self._take(event)
        raise self._client.silence(self._address)

    def _take(self, event: Event) -> None:
        match event:
            case "/sda/synced", (number, *_):
                self._synced = True
                if self._address == "/sda/sync":
                    self._answers.append(Answer(self._address, "done", (number,)))
            case "/sda/done", (str(address), *results):
                self._answers.append(Answer(address, "done", tuple(results)))
            case "/sda/fail", (str(address), str(code), str(text)):
                # a packet that was no OSC has no address
                self._answers.append(Answer(address or self._address, "failed", (), code, text))
            case "/sda/job/progress", (_, float(fraction), float(eta_s), str(text)):
                self._listener.on_progress(fraction, eta_s, text)
            case "/sda/job/done", (int(job), str(address), *results):
                self._end_job(job, Answer(address, "done", tuple(results), job=job))
            case "/sda/job/failed", (int(job), str(address), str(code), str(text)):
                self._end_job(job, Answer(address, "failed", (), code, text, job))
            case "/sda/job/cancelled", (int(job), str(address)):
                text = f"Job {job} was cancelled."
                self._end_job(job, Answer(address, "cancelled", (), "cancelled", text, job))
            case _:
                self._listener.on_message(event)

    def _end_job(self, job: int, end: Answer) -> None:
        started = Answer(end.address, "done", (job,))
        self._answers = [end if answer == started else answer for answer in self._answers]


def _may_be_job(answer: Answer) -> bool:
    return len(answer.results) == 1 and isinstance(answer.results[0], int)


def as_record(answer: Answer) -> dict[str, object]:
    """Return an answer as what JSON can hold."""
    return {**dataclasses.asdict(answer), "results": list(answer.results)}
