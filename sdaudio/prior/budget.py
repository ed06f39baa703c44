"""How large a neural prior is and how long it may learn, where nobody says otherwise."""

from sdaudio.prior.net import NetConfig

# Learning by itself ends long before; held-out sounds decide.
MAX_EPOCHS = 400
# Enough to find the best point of some 400 s of sound and to learn everything as long again.
DEFAULT_MINUTES = 6.0
# At the end of a training the net gets this share of its time, in these bounds: 12 s after a draft.
TRAINING_SHARE = 0.1
MIN_SECONDS = 3.0
MAX_SECONDS_AFTER_TRAINING = 120.0
_SMALL_COLUMNS, _LARGE_COLUMNS = 1000, 60_000


def seconds_after(training_s: float) -> float:
    """Return how long the net may learn after a training, 0 when that is too little for one."""
    seconds = min(TRAINING_SHARE * training_s, MAX_SECONDS_AFTER_TRAINING)
    return seconds if seconds >= MIN_SECONDS else 0.0


def shape_for(
    n_columns: int, *, hidden_size: int = 0, layers: int = 0, heads: int = 0
) -> NetConfig:
    """Return the shape of a net for so many columns; what is 0 is chosen.

    Raises:
        UsageError: a number is out of range, or hidden_size no multiple of heads.
    """
    chosen = 64 if n_columns < _SMALL_COLUMNS else 96 if n_columns <= _LARGE_COLUMNS else 128
    return NetConfig(hidden_size or chosen, layers or 2, heads or 4)
