"""What the daemon and a worker say to each other over their pipe.

Errors cross as code, text and traceback text, never as pickled exceptions.
"""

from dataclasses import dataclass

from sdaudio.tasks.requests import Report, Request


@dataclass(frozen=True, slots=True)
class Run:
    """Daemon to worker: do this."""

    ticket: int
    request: Request


@dataclass(frozen=True, slots=True)
class Stop:
    """Daemon to worker: end the work on this ticket politely."""

    ticket: int


@dataclass(frozen=True, slots=True)
class End:
    """Daemon to worker: finish what runs, take nothing more, exit."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Daemon to worker: give a sign of life."""


@dataclass(frozen=True, slots=True)
class Pong:
    """Worker to daemon: a sign of life, also in the middle of a request."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Worker to daemon: started and listening."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Worker to daemon: progress, levels, a snapshot, columns."""

    ticket: int
    report: Report


@dataclass(frozen=True, slots=True)
class Finished:
    """Worker to daemon: the result. ``stopped`` says that a `Stop` ended it early."""

    ticket: int
    result: object
    stopped: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Worker to daemon: an error with its stable code."""

    ticket: int
    code: str
    text: str
    traceback: str


ToWorker = Run | Stop | Ping | End
FromWorker = Ready | Pong | Reported | Finished | Failed
