"""Training: from a dataset to a model, in minutes, on a CPU.

`train` is all that others need. The parts: `sampler` (which columns), `schedule` (which losses
when), `loop` (steps and reports), `snapshot` (a model from the present state).
"""

from sdaudio.training.events import LevelsReport, Progress, TrainingEvent, TrainingOptions
from sdaudio.training.loop import train

__all__ = ["LevelsReport", "Progress", "TrainingEvent", "TrainingOptions", "train"]
