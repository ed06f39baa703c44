"""What the command line says about a folder of sounds, in words.

It prints; what it says was measured in `sdaudio`.
"""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sdaudio.tasks.requests import CheckDataset, CheckedFile, DatasetChecked


def show_dataset(folder: Path, *, minutes: float) -> int:
    """Print a line for every file of a folder and what could be better; returns the exit code.

    Raises:
        FileError: there is no such folder.
        UsageError: the folder holds too many files.
    """
    from sdaudio.tasks.training import run

    console = Console(highlight=False)
    request = CheckDataset(folder.expanduser().resolve(), minutes)
    checked = run(request, report=lambda _report: None, should_stop=lambda: False)
    if not isinstance(checked, DatasetChecked):
        raise TypeError(f"a dataset check was answered with {checked!r}")
    if checked.files:
        console.print(_files_table(checked, console.width))
    if checked.problem:
        console.print(f"[red]{escape(checked.problem)}[/red]")
        return 1
    print_dataset(console, checked)
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


def _files_table(checked: DatasetChecked, width: int) -> Table:
    # where the notes have no room of their own they stand under the name
    wide = width >= 100
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    for title in ("seconds", "kHz", "ch", "silent", "clipped"):
        table.add_column(title, justify="right", no_wrap=True)
    if wide:
        table.add_column("notes", overflow="fold")
    for file in checked.files:
        name, notes = escape(file.name), _notes(file)
        if wide:
            table.add_row(name, *_facts(file), notes)
        else:
            table.add_row(f"{name}\n  {notes}" if notes else name, *_facts(file))
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
