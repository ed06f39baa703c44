"""/sda/dataset: look at a folder of sounds before training on it."""

from pathlib import Path
from typing import Annotated

from sdaudio.tasks.requests import CheckDataset, DatasetChecked, budget_of

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from .parameters import FolderPath, Minutes, Preset
from .training import tell_prediction


@command("/sda/dataset/check", returns="used files seconds codebook_size minutes", job=True)
async def check(
    context: Context,
    job: Job,
    folder: FolderPath,
    minutes: Minutes = 0.0,
    preset: Preset = "",
    levels: Annotated[int, Spec("quantizer levels", 2, 4)] = 0,
) -> Results:
    """See what a training on a folder would use.

    One ``/sda/dataset/file <job> <name> <used> <seconds> <reason> <rate> <channels> <silence>
    <clipped> <notes>`` for every file: its sample rate in Hz, the share of it that is silent (60 dB
    below its loudest moment, or below -80 dB) and that is clipped (both 0 to 1), and what is odd
    about it in plain words, such as silence before the sound or another file that is nearly the
    same. Then one ``/sda/dataset/warning <job> <sentence>`` for each thing that would make the
    model better, and ``/sda/train/prediction <job> <minutes> <steps> <threads> <sentence>
    <warning>``, which is measured: the first grid is made and a few steps are tried; the warning
    is empty unless the machine is slow or busy. At the end the number of files used, of all files,
    the seconds used, the codebook size that would be chosen and the minutes a training takes.
    """
    path: Path = context.settings.folders.readable(folder)
    settings = context.settings
    budget = budget_of(settings, preset=preset, minutes=minutes)
    defaults = settings.training
    request = CheckDataset(
        path, defaults.sample_rate, levels or defaults.levels, defaults.frames, budget
    )
    found = await job.run(request)
    if not isinstance(found, DatasetChecked):
        raise TypeError(f"a dataset check was answered with {found!r}")
    for file in found.files:
        job.tell(
            "/sda/dataset/file", job.number, file.name, int(file.used), file.duration_s,
            file.reason, file.sample_rate, file.channels, file.silence_share, file.clipped_share,
            "; ".join(file.notes),
        )  # fmt: skip
    for sentence in found.warnings:
        job.tell("/sda/dataset/warning", job.number, sentence)
    if found.prediction:
        tell_prediction(job, found.prediction)
    takes = found.prediction.minutes if found.prediction else 0.0
    return found.n_used, len(found.files), found.duration_s, found.codebook_size, takes
