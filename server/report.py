"""What the command line says about a folder of sounds and about a model, in words and pictures.

It prints and writes pictures; what it says was measured in `sdaudio`.
"""

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sdaudio.header import LevelHealth, ModelHeader
from sdaudio.modelfile import read_header
from sdaudio.settings import Settings
from sdaudio.tasks.requests import (
    CheckDataset,
    CheckedFile,
    DatasetChecked,
    TrainingPredicted,
    budget_of,
)

from .library import open_library

if TYPE_CHECKING:
    from sdaudio.quality import Quality

_COLUMNS = ("seconds", "kHz", "ch", "silent", "clipped")
_LIGHTS = {"green": "green", "yellow": "yellow", "red": "red"}


def show_model(
    settings: Settings,
    *,
    name: str,
    sounds: Path | None,
    pictures: Path | None,
    as_json: bool = False,
) -> int:
    """Print how good a model is, by its name in the library or its path; returns the exit code.

    Args:
        settings: where the library is.
        name: of a model, or the path of a model file.
        sounds: the folder it was trained on, to compare with; without it no sound is measured.
        pictures: where to draw; nowhere without it.
        as_json: print the figures as JSON, and all else on the error output.

    Raises:
        SdaudioError: there is no such model, or its sounds are not in the folder.
    """
    path = open_library(settings.folders).find(name)
    console = Console(highlight=False, stderr=as_json)
    header = read_header(path)
    files, facts = header.dataset, header.training
    console.print(
        f"[bold]{escape(header.name)}[/bold]: {len(files.files)} files with "
        f"{files.duration_s:.1f} s, {facts.steps} steps in {facts.elapsed_s:.0f} s"
        f"{'' if facts.complete else ', stopped early'}"
    )
    print_health(console, header)
    folders = [sounds.expanduser().resolve()] if sounds else []
    quality = report_quality(console, path, sounds=folders, pictures=pictures)
    if as_json:
        print_record(header, path, quality)
    return 0


def print_record(header: ModelHeader, path: Path, quality: "Quality | None") -> None:
    """Print what is known of a model as one JSON object."""
    record: dict[str, object] = {
        "model": header.name,
        "path": str(path),
        "files": len(header.dataset.files),
        "seconds": round(header.dataset.duration_s, 1),
        "steps": header.training.steps,
        "trained_s": round(header.training.elapsed_s, 1),
        "complete": header.training.complete,
        "levels": [
            {"level": name, **dataclasses.asdict(level)}
            for name, level in zip(header.level_names, header.health, strict=True)
        ],
        "prior": dataclasses.asdict(header.prior) if header.prior else None,
    }
    if quality:
        record["quality"] = {
            "mr_stft": quality.mr_stft,
            "mel": quality.mel,
            "si_sdr_db": quality.si_sdr,
            "says": quality.sentence,
            "files": {file.name: round(file.mel, 4) for file in quality.files},
        }
    sys.stdout.write(f"{json.dumps(record)}\n")


def print_health(console: Console, header: ModelHeader) -> None:
    """Print a line for every level, and one for the prior if there is one."""
    for name, health in zip(header.level_names, header.health, strict=True):
        console.print(_health_line(name, health))
    print_prior(console, header)


def print_prior(console: Console, header: ModelHeader) -> None:
    """Print how well the prior foresees codes, if there is one."""
    prior = header.prior
    if prior is None:
        return
    kind = f"counts and a net of {prior.epochs} epochs" if prior.kind == "mixture" else "counts"
    console.print(
        f"  prior: {kind}, perplexity {prior.perplexity:.1f} a code, "
        f"{prior.held_out_perplexity:.1f} held out by {prior.held_out_by}"
    )
    if prior.net_levels:
        figures = zip(
            header.level_names, prior.counts_levels, prior.net_levels, prior.mixture_levels,
            strict=True,
        )  # fmt: skip
        for name, counts, net, mixture in figures:
            console.print(
                f"    {escape(name)}: counts {counts:.1f}, net {net:.1f}, together {mixture:.1f}"
            )


def report_quality(
    console: Console, path: Path, *, sounds: Sequence[Path], pictures: Path | None
) -> "Quality | None":
    """Compare a model with its sounds, print the figures and draw the pictures.

    Args:
        console: where to print.
        path: the model file.
        sounds: the folder with its sounds, or its folders by number; none to measure nothing.
        pictures: a folder for PNG files, or None.

    Returns:
        What was measured; None without sounds.

    Raises:
        SdaudioError: the model cannot be read, or a picture not written.
    """
    quality = None
    if sounds:
        from sdaudio.modelfile import read_model
        from sdaudio.quality import measure_quality
        from sdaudio.render import Renderer

        renderer = Renderer(read_model(path))
        quality = measure_quality(renderer, renderer.header.dataset.files, sounds)
        worst, best = quality.files[-1], quality.files[0]
        console.print(
            f"  sound: {quality.sentence}.\n"
            f"  mr {quality.mr_stft:.2f}, mel {quality.mel:.2f}, SI-SDR {quality.si_sdr:+.1f} dB, "
            f"mean over {len(quality.files)} files"
            + (f" ({quality.n_missing} are gone)" if quality.n_missing else "")
        )
        if worst is not best:
            console.print(
                f"  best: {escape(best.name)} (mel {best.mel:.2f}); "
                f"worst: {escape(worst.name)} (mel {worst.mel:.2f})"
            )
    if not pictures:
        return quality
    from sdaudio.modelfile import read_training_codes, read_usage
    from sdaudio.plots import plot_comparison, plot_grid, plot_losses, plot_usage, plot_usage_map

    pictures.mkdir(parents=True, exist_ok=True)
    header = read_header(path)
    if header.training.history:
        plot_losses(header.training.history, pictures / "losses.png")
    plot_usage(read_usage(path), header.level_names, pictures / "usage.png")
    plot_usage_map(read_usage(path), header.level_names, pictures / "usage-map.png")
    plot_grid(read_training_codes(path)[0], header.level_names, pictures / "grid.png")
    if quality:
        plot_comparison(
            {file.name: (file.original, file.played) for file in quality.extremes},
            quality.sample_rate,
            pictures / "sounds.png",
        )
    console.print(f"Pictures are in {escape(str(pictures))}.")
    return quality


def _health_line(name: str, health: LevelHealth) -> str:
    colour = _LIGHTS[health.light]
    return (
        f"  {name:10} [{colour}]{health.light:6}[/{colour}] {health.utilisation:4.0%} used, "
        f"perplexity {health.perplexity:5.1f}, {health.dead_codes} dead: {health.sentence}"
    )


def show_dataset(folder: Path, settings: Settings, *, as_json: bool = False) -> int:
    """Print every file of a folder, what could be better and what training takes; the exit code.

    Args:
        folder: with sounds.
        settings: what a training would be.
        as_json: print one JSON object instead.

    Raises:
        FileError: there is no such folder.
        UsageError: the folder holds too many files.
    """
    from sdaudio.tasks.training import run

    console = Console(highlight=False)
    options = settings.training
    request = CheckDataset(
        folder.expanduser().resolve(), options.sample_rate, options.levels, options.frames,
        budget_of(settings),
    )  # fmt: skip
    checked = run(request, report=lambda _report: None, should_stop=lambda: False)
    if not isinstance(checked, DatasetChecked):
        raise TypeError(f"a dataset check was answered with {checked!r}")
    if as_json:
        sys.stdout.write(f"{json.dumps(dataclasses.asdict(checked))}\n")
        return int(bool(checked.problem))
    if checked.files:
        console.print(_files_table(checked, console.width))
    if checked.problem:
        console.print(f"[red]{escape(checked.problem)}[/red]")
        return 1
    print_dataset(console, checked)
    if checked.prediction:
        print_prediction(console, checked.prediction)
    return 0


def print_dataset(console: Console, checked: DatasetChecked) -> None:
    """Print the totals of a folder, the codebook size, and each warning on a line of its own."""
    console.print(
        f"{checked.n_used} of {len(checked.files)} files used, {checked.duration_s:.1f} s, "
        f"{checked.silence_share:.0%} of it silence; codebooks of {checked.codebook_size} codes "
        f"suit that."
    )
    for sentence in checked.warnings:
        console.print(f"[yellow]![/yellow] {escape(sentence)}")


def print_prediction(console: Console, predicted: TrainingPredicted) -> None:
    """Print what a training takes, and what stands against it."""
    console.print(f"A training takes {predicted.text}.")
    if predicted.warning:
        console.print(f"[yellow]![/yellow] {predicted.warning}")


def _files_table(checked: DatasetChecked, width: int) -> Table:
    # where the notes have no room of their own they stand under the name
    wide = width >= 100
    shown = _COLUMNS if width >= 60 else _COLUMNS[:1]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    for title in shown:
        table.add_column(title, justify="right", no_wrap=True)
    if wide:
        table.add_column("notes", overflow="fold")
    for file in checked.files:
        name, notes, facts = escape(file.name), _notes(file), _facts(file)[: len(shown)]
        if wide:
            table.add_row(name, *facts, notes)
        else:
            table.add_row(f"{name}\n  {notes}" if notes else name, *facts)
    return table


def _facts(file: CheckedFile) -> tuple[str, ...]:
    if not file.sample_rate:
        return ("",) * 5
    info = (f"{file.duration_s:.2f}", f"{file.sample_rate / 1000:g}", f"{file.channels}")
    if not file.used:
        return (*info, "", "")
    clipped = f"{100 * file.clipped_share:.2g} %" if file.clipped_share else "-"
    return (*info, f"{file.silence_share:.0%}", clipped)


def _notes(file: CheckedFile) -> str:
    if not file.used:
        return f"[red]not used:[/red] {escape(file.reason)}"
    return f"[yellow]{escape('; '.join(file.notes))}[/yellow]" if file.notes else ""
