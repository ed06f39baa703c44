"""What goes to the error output: sentences, and how far a job is.

The bar shows the time left and leaves nothing behind. It is not drawn, and rich not even loaded,
where the error output is no terminal.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def tell(text: str) -> None:
    """Print a sentence on the error output."""
    print(f"sdaudio: {text}", file=sys.stderr, flush=True)


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C came."""

    came: bool = False


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """End the block at Ctrl-C; a loop in it also asks ``came`` each time around.

    Python drops an exception where nobody could catch it, as in a finalizer, and with it the
    Ctrl-C that fell there.
    """
    interrupt = Interrupt()

    def note(_number: int, _frame: FrameType | None) -> None:
        interrupt.came = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        with suppress(KeyboardInterrupt):
            yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


class JobBar:
    """A bar on the error output, drawn from the first progress on."""

    def __init__(self) -> None:
        self._drawn: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> "JobBar":
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.end()

    def show(self, fraction: float, eta_s: float, text: str) -> None:
        """Draw how far the job is (0 to 1), the seconds left (below 0 unknown) and what it does."""
        if self._drawn is None:
            if not sys.stderr.isatty():
                return
            self._drawn = _start()
        progress, task = self._drawn
        left = f"{eta_s:.0f} s left, " if eta_s >= 1 else ""
        progress.update(task, completed=fraction, description=f"{left}{text}")

    def end(self) -> None:
        """Take the bar away."""
        if self._drawn is not None:
            self._drawn[0].stop()
            self._drawn = None


def _start() -> tuple["Progress", "TaskID"]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    progress = Progress(
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %  {task.description}", markup=False),
        console=Console(stderr=True, highlight=False),
        transient=True,
        # what is printed meanwhile must not end up on the error output when it goes elsewhere
        redirect_stdout=sys.stdout.isatty(),
    )
    task = progress.add_task("starting", total=1.0)
    progress.start()
    return progress, task
