"""The health of the codebooks, from how often the training sounds use each code.

Numbers only: what to do about it is said in the sentence, never forced.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio.header import HealthLight, LevelHealth

# Under this share of used codes a codebook is wasted and swaps soon sound alike.
COLLAPSE_UTILISATION = 0.3
UNDERUSED_UTILISATION = 0.5
# A codebook can also collapse with every code used once: most columns share very few codes.
COLLAPSE_PERPLEXITY_SHARE = 0.02
UNDERUSED_PERPLEXITY_SHARE = 0.1

SENTENCES: dict[HealthLight, str] = {
    "green": "Healthy",
    "yellow": "Some codes underused",
    "red": "Codebook collapse detected",
}


def measure(counts: NDArray[np.integer]) -> tuple[LevelHealth, ...]:
    """Judge every level.

    Args:
        counts: (level, code), how often each code is used.

    Returns:
        One health per level.
    """
    return tuple(measure_level(row) for row in counts)


def advice(name: str, level: LevelHealth) -> str:
    """Return a sentence for a level that wastes its codebook."""
    return (
        f"Level {name} uses only {level.utilisation:.0%} of its codes. More varied sounds or a "
        "smaller codebook would use them better."
    )


def measure_level(counts: NDArray[np.integer]) -> LevelHealth:
    """Judge one level by its counts, (code,).

    The light compares with what the sounds can reach at all: five columns cannot use 64 codes,
    and that is no collapse. ``utilisation`` and ``perplexity`` are the plain numbers.
    """
    codebook_size, total = counts.size, int(counts.sum())
    used = int(np.count_nonzero(counts))
    perplexity = _perplexity(counts)
    reachable = min(codebook_size, max(total, 1))
    light = _light(used / reachable, perplexity / reachable)
    if light == "green" and used / codebook_size < COLLAPSE_UTILISATION:
        light = "yellow"
    return LevelHealth(
        utilisation=used / codebook_size,
        perplexity=perplexity,
        dead_codes=codebook_size - used,
        light=light,
        sentence=SENTENCES[light],
    )


def _light(utilisation: float, perplexity_share: float) -> HealthLight:
    if utilisation < COLLAPSE_UTILISATION or perplexity_share < COLLAPSE_PERPLEXITY_SHARE:
        return "red"
    if utilisation < UNDERUSED_UTILISATION or perplexity_share < UNDERUSED_PERPLEXITY_SHARE:
        return "yellow"
    return "green"


def _perplexity(counts: NDArray[np.integer]) -> float:
    shares = counts[counts > 0] / max(1, int(counts.sum()))
    return float(np.exp(-(shares * np.log(shares)).sum()))
