"""What tends to follow what: the prior that continues, invents and fills grids of codes.

Counts come first: a mixture over eight contexts for each level, plus an expert that repeats the
previous code, with weights learned on held-out folds. They are fitted in about a second and hear
three columns back (64 ms) and how long the present code has lasted, so they know textures and
gestures. Where it helps on held-out sounds, a small neural net is mixed in that hears two seconds
back and knows which codes are alike. Both are plain arrays in the model file and are walked with in
numpy; only learning the net (`learning`, `network`) takes torch, which nothing here imports.
"""

from sdaudio.prior.counts import CountPrior
from sdaudio.prior.drawing import Weigh, both
from sdaudio.prior.fitting import fit
from sdaudio.prior.infill import Filling, infill
from sdaudio.prior.morphing import weights_between
from sdaudio.prior.novelty import Copied, CopyIndex, Novelty
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.sampling import PAST_COLUMNS, sample, weights_of_files
from sdaudio.prior.variation import vary

__all__ = [
    "PAST_COLUMNS",
    "Copied",
    "CopyIndex",
    "CountPrior",
    "Filling",
    "Novelty",
    "SamplingOptions",
    "Weigh",
    "both",
    "fit",
    "infill",
    "sample",
    "vary",
    "weights_between",
    "weights_of_files",
]
