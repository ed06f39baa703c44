"""``sdaudio train`` and ``train-prior`` without a daemon, in this process.

A bar shows progress and the time left; Ctrl-C ends a training early and keeps the best so far.
"""

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from sdaudio.errors import UsageError
from sdaudio.header import CODEBOOK_SIZES, ModelHeader
from sdaudio.modelfile import read_header
from sdaudio.settings import Settings
from sdaudio.tasks.requests import (
    AddSounds,
    DatasetChecked,
    FileLeftOut,
    FitPrior,
    LevelsMeasured,
    Noted,
    PriorBudget,
    Progressed,
    Report,
    Resume,
    SnapshotWritten,
    Train,
    Trained,
    TrainingPredicted,
    budget_of,
)

from ..client import DaemonAddress, Value
from ..library import open_library
from ..report import (
    print_dataset,
    print_health,
    print_prediction,
    print_prior,
    print_record,
    report_quality,
)
from .errands import absolute, errands


def train(
    settings: Settings,
    *,
    folder: Path,
    name: str,
    codebook_size: int,
    seed: int,
    pictures: Path | None,
    replace: bool,
    as_json: bool = False,
) -> int:
    """Train a model on a folder and print a report; returns the exit code.

    Raises:
        SdaudioError: nothing in the folder can be used, or an option is not allowed.
    """
    if codebook_size and codebook_size not in CODEBOOK_SIZES:
        raise UsageError(f"--codebook-size is {codebook_size}; allowed are 64, 128 and 256.")
    target = open_library(settings.folders).new_target(name, replace=replace)
    options = settings.training
    request = Train(
        name=name,
        folder=folder.expanduser().resolve(),
        target=target,
        budget=budget_of(settings),
        levels=options.levels,
        frames=options.frames,
        factors=options.factors,
        codebook_size=codebook_size,
        commitment_weight=options.commitment_weight,
        sample_rate=options.sample_rate,
        seed=seed,
        author=options.author,
        licence=options.licence,
    )
    return _learn(request, name, pictures, as_json=as_json)


def resume(settings: Settings, *, name: str, pictures: Path | None, as_json: bool = False) -> int:
    """Go on with the training of a model of the library; returns the exit code.

    Raises:
        SdaudioError: there is no such model, or its sounds are not what they were.
    """
    target = open_library(settings.folders).own_path(name)
    return _learn(Resume(target, budget_of(settings)), name, pictures, as_json=as_json)


def add(
    settings: Settings, *, name: str, folder: Path, pictures: Path | None, as_json: bool = False
) -> int:
    """Add the sounds of a folder to a model of the library; returns the exit code.

    Raises:
        SdaudioError: there is no such model, or nothing new in the folder.
    """
    target = open_library(settings.folders).own_path(name)
    request = AddSounds(target, folder.expanduser().resolve(), budget_of(settings))
    return _learn(request, name, pictures, as_json=as_json)


def _learn(
    request: Train | Resume | AddSounds, name: str, pictures: Path | None, *, as_json: bool
) -> int:
    from sdaudio.tasks.training import run

    console = Console(highlight=False, soft_wrap=True, stderr=as_json)
    stopped = threading.Event()
    with _Stopping(stopped), _Bar(console) as bar:
        trained = run(request, report=bar.hear, should_stop=stopped.is_set)
    if not isinstance(trained, Trained):
        raise TypeError(f"a training was answered with {trained!r}")
    header = read_header(trained.path)
    _report(console, header, trained.path, stopped=not trained.complete)
    if not trained.complete:
        console.print(f"To go on from here: sdaudio train --resume {name}")
    folders = [Path(folder) for folder in header.dataset.folders]
    try:
        quality = report_quality(console, trained.path, sounds=folders, pictures=pictures)
    except UsageError as error:
        # the sounds were moved meanwhile; the model is there and has its pictures all the same
        console.print(f"[yellow]![/yellow] {escape(str(error))}")
        quality = report_quality(console, trained.path, sounds=(), pictures=pictures)
    if as_json:
        print_record(header, trained.path, quality)
    return 0


def train_prior(
    settings: Settings, *, name: str, budget: PriorBudget, as_json: bool = False
) -> int:
    """Train the prior of a model of the library again; returns the exit code.

    Ctrl-C ends early and keeps the best so far.

    Raises:
        SdaudioError: there is no such model, it comes with sdaudio, or no net has that shape.
    """
    from sdaudio.tasks.training import run

    path = open_library(settings.folders).own_path(name)
    console = Console(highlight=False, soft_wrap=True, stderr=as_json)
    stopped = threading.Event()
    with _Stopping(stopped), _Bar(console) as bar:
        run(FitPrior(path, budget), report=bar.hear, should_stop=stopped.is_set)
    header = read_header(path)
    print_prior(console, header)
    if as_json:
        print_record(header, path, None)
    return 0


def train_there(daemon: DaemonAddress, request: Mapping[str, object], *, as_json: bool) -> int:
    """Let the running daemon train; returns the exit code.

    Ctrl-C ends the training and keeps the best so far.

    Args:
        daemon: where it is.
        request: ``address``, ``name`` and ``folder``, and options of the command; what is None
            is left to the daemon.
        as_json: print the result as JSON.

    Raises:
        SdaudioError: it was refused, or it failed.
    """
    address, name = str(request["address"]), str(request["name"])
    given = {key: value for key, value in request.items() if value is not None}
    words: list[Value] = [name]
    if "folder" in given:
        words.append(absolute(Path(str(given["folder"]))))
    for key, value in given.items():
        if key not in ("address", "name", "folder"):
            words += [key, value if isinstance(value, int | float) else str(value)]
    ends_by = "" if address == "/sda/prior/train" else "/sda/train/stop"
    results = errands(daemon).run(address, *words, ends_by=ends_by)
    if as_json:
        print(json.dumps({"model": name, "results": list(results)}))
    else:
        print(f"{name}: trained by the daemon on port {daemon.port}")
    return 0


class _Stopping:
    """While it lasts, Ctrl-C and a polite kill set an event instead of ending the process."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._before: list[Any] = []

    def __enter__(self) -> None:
        self._before = [signal.signal(s, lambda *_: self._stopped.set()) for s in self._SIGNALS]

    def __exit__(self, *_: object) -> None:
        for number, handler in zip(self._SIGNALS, self._before, strict=True):
            signal.signal(number, handler)


class _Bar:
    """A progress bar fed by a worker's reports, with the health of the levels under it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._levels = ""
        self._bar = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %  {task.description}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1.0)

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, report: Report) -> None:
        if isinstance(report, Progressed):
            left = f"{report.eta_s:.0f} s left, " if report.eta_s >= 1 else ""
            text = f"{left}{report.text}{self._levels}"
            self._bar.update(self._task, completed=report.fraction, description=text)
        elif isinstance(report, LevelsMeasured):
            shares = ", ".join(
                f"{name} {health.utilisation:.0%}"
                for name, health in zip(report.names, report.levels, strict=True)
            )
            self._levels = f"; codes used: {shares}"
        elif isinstance(report, DatasetChecked) and report.n_used:
            print_dataset(self._console, report)
        elif isinstance(report, FileLeftOut):
            self._console.print(f"[yellow]not used[/yellow] {report.name}: {report.reason}")
        elif isinstance(report, TrainingPredicted):
            print_prediction(self._console, report)
        elif isinstance(report, Noted):
            self._console.print(f"[yellow]![/yellow] {report.text}")
        elif isinstance(report, SnapshotWritten) and report.step == 0:
            self._console.print(f"{report.path} can be played already; it gets better now.")


def _report(console: Console, header: ModelHeader, path: Path, *, stopped: bool) -> None:
    facts = header.training
    ended = "stopped early" if stopped else "done"
    console.print(
        f"[bold]{header.name}[/bold]: {ended}, {facts.steps} steps in {facts.elapsed_s:.0f} s, "
        f"{len(header.dataset.files)} files with {header.dataset.duration_s:.1f} s"
    )
    print_health(console, header)
    console.print(f"Model file: {path}")
