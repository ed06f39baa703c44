"""Training: from a dataset to a model, in minutes, on a CPU.

`train`, `resume` and `refine` are all that others need, and `predict` beforehand. The parts:
`sampler` (which columns), `schedule` (which losses when), `loop` (steps and reports), `snapshot` (a
model from the present state), `checkpoint` (everything that is needed to go on).
"""

from sdaudio.training.checkpoint import read_checkpoint
from sdaudio.training.events import (
    LevelsReport,
    Noted,
    Predicted,
    Progress,
    TrainingEvent,
    TrainingOptions,
)
from sdaudio.training.prediction import objection
from sdaudio.training.starts import predict, refine, resume, train

__all__ = [
    "LevelsReport",
    "Noted",
    "Predicted",
    "Progress",
    "TrainingEvent",
    "TrainingOptions",
    "objection",
    "predict",
    "read_checkpoint",
    "refine",
    "resume",
    "train",
]
