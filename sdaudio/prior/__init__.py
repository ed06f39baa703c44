"""What tends to follow what: the count prior that continues, invents and fills grids of codes.

A mixture of counts over eight contexts for each level, plus an expert that repeats the previous
code, with weights learned on held-out folds. It fits in about a second, needs numpy only, and is
stored as plain arrays in the model file. It hears three columns back (64 ms) and how long the
present code has lasted, so it knows textures and gestures but no form.
"""

from sdaudio.prior.counts import CountPrior
from sdaudio.prior.fitting import fit
from sdaudio.prior.sampling import SamplingOptions, infill, sample

__all__ = ["CountPrior", "SamplingOptions", "fit", "infill", "sample"]
