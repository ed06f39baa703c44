"""Training: from a dataset to a model, in minutes, on a CPU.

`train`, `resume` and `refine` are all that others need, and `predict` beforehand. The parts:
`sampler` (which columns), `schedule` (which losses when), `loop` (steps and reports), `snapshot` (a
model from the present state), `checkpoint` (everything that is needed to go on).
"""

from sdaudio.training.checkpoint import checkpoint_path, read_checkpoint
from sdaudio.training.events import (
    LevelsReport,
    Predicted,
    Progress,
    TrainingEvent,
    TrainingOptions,
    Warned,
)
from sdaudio.training.starts import predict, refine, resume, train

__all__ = [
    "LevelsReport",
    "Predicted",
    "Progress",
    "TrainingEvent",
    "TrainingOptions",
    "Warned",
    "checkpoint_path",
    "predict",
    "read_checkpoint",
    "refine",
    "resume",
    "train",
]
