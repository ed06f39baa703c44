"""/sda/dataset: look at a folder of sounds before training on it."""

from pathlib import Path
from typing import Annotated

from sdaudio.tasks.requests import CheckDataset, DatasetChecked

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from .parameters import FolderPath


@command("/sda/dataset/check", returns="used files seconds codebook_size minutes", job=True)
async def check(
    context: Context,
    job: Job,
    folder: FolderPath,
    minutes: Annotated[float, Spec("how long you mean to train", 0.02, 10_000, "min")] = 0.0,
) -> Results:
    """See what a training on a folder would use.

    One ``/sda/dataset/file <job> <name> <used> <seconds> <reason>`` for every file; at the end the
    number of files used, of all files, the seconds used, the codebook size that would be chosen
    and the minutes a training takes.
    """
    path: Path = context.settings.folders.readable(folder)
    planned = minutes or context.settings.training.minutes
    found = await job.run(CheckDataset(path, planned))
    if not isinstance(found, DatasetChecked):
        raise TypeError(f"a dataset check was answered with {found!r}")
    for file in found.files:
        job.tell(
            "/sda/dataset/file", job.number, file.name, int(file.used), file.duration_s, file.reason
        )
    return found.n_used, len(found.files), found.duration_s, found.codebook_size, found.minutes
