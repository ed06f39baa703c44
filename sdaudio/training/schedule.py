"""The plan over the time budget: which losses when, and how fast to learn.

Everything is a function of the fraction of the budget that is gone, 0 to 1, whether the budget is
seconds or steps.
"""

import math

# Measured on 26 tabla files, one seed each; gaps under 5 % are noise.
#
# The encoder learns for 60 % of the time, on whole crops with phase; then the codes are settled and
# three quarters of each batch are spliced, with magnitudes only. Settling at 45 % was worse
# (mr +8 % in 60 CPU seconds), at 70 % equal (130 CPU seconds).
SETTLE_AT = 0.6
SPLICED_SHARE = 0.75
# Codes for phase are found only where it counts a lot (60 CPU seconds: SI-SDR +6 dB with 1.5,
# +2 with 0.8). What the decoder knows by then it keeps with much less, and every magnitude gains
# (130 CPU seconds: mr .70, .65, .62, .66 with 1.5, 0.6, 0.3, 0.1).
PHASE_WEIGHT = 1.5
SETTLED_PHASE_WEIGHT = 0.3
# It learns beside everything else; the network hardly notices.
COHERENCE_WEIGHT = 0.5
# 2e-3 was 6 % worse in 60 CPU seconds, 1e-3 8 % worse in 130.
PEAK_LEARNING_RATE = 1.4e-3
FINAL_LEARNING_RATE_SHARE = 0.02
_WARM_UP_STEPS = 20


def learning_rate(fraction: float, step: int) -> float:
    """Return one cosine over the whole budget after a short warm-up."""
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, fraction)))
    share = FINAL_LEARNING_RATE_SHARE + (1.0 - FINAL_LEARNING_RATE_SHARE) * cosine
    return PEAK_LEARNING_RATE * share * min(1.0, (step + 1) / _WARM_UP_STEPS)


def phase_weight(fraction: float) -> float:
    """Return how much the phase counts beside the magnitudes."""
    return SETTLED_PHASE_WEIGHT if codes_are_settled(fraction) else PHASE_WEIGHT


def codes_are_settled(fraction: float) -> bool:
    """Return whether the encoder has finished and only the decoder learns on."""
    return fraction >= SETTLE_AT


def moves_dead_codes(fraction: float) -> bool:
    """Return whether dead codes may still be moved; late ones would never find their place."""
    return fraction < 0.8 * SETTLE_AT
