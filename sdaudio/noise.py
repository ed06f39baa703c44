"""The noise of a decoder: phases that were not learned are scattered, band by band.

A decoder that gives the same phases for the same codes turns noise into a buzz at the frame rate.
So every decoder also tells, for each band of each frame, how far its phases can be trusted (the
coherence, 0 to 1), and adds random angles to the others. The angles are a function of the absolute
frame and the bin, so that a window of a grid sounds exactly as in the whole, and a render the same
every time.

Shared by training (torch) and playing (numpy); nothing here is learned.
"""

import functools

import numpy as np
from numpy.typing import NDArray

# Angles are read from a table of that many frames in scrambled order; 1024 are 5.5 s at 48 kHz.
_N_ROWS = 1024
# Under the first coherence phases are pure chance, above the second they stay as they are. Between
# them chance falls faster than coherence: half-learned phases sound nearer to the sound as they are
# than as noise (26 tabla sounds: mel 0.65 instead of 0.72, SI-SDR 14.5 instead of 11.4 dB).
_LEAST_COHERENCE = 0.1
_FULL_COHERENCE = 0.75
# Bands are a twelfth of their frequency wide, and no narrower than two bins.
_NARROWEST_BAND = 2
_RELATIVE_WIDTH = 12


@functools.cache
def band_of_bin(n_bins: int) -> NDArray[np.int64]:
    """Return the number of the band that each frequency bin belongs to, (bin,), from 0 upwards."""
    edges = [0]
    while edges[-1] < n_bins:
        edges.append(edges[-1] + max(_NARROWEST_BAND, edges[-1] // _RELATIVE_WIDTH))
    return np.searchsorted(edges[1:], np.arange(n_bins), side="right")


def n_bands(n_bins: int) -> int:
    """Return how many bands ``n_bins`` frequency bins make."""
    return int(band_of_bin(n_bins)[-1]) + 1


def angles(frames: NDArray[np.integer], n_bins: int) -> NDArray[np.float32]:
    """Return an angle in -pi to pi for every bin of every frame.

    Args:
        frames: (frame,) absolute numbers, 0 or more.
        n_bins: frequency bins of a frame.

    Returns:
        (frame, bin) float32.
    """
    rows = _scramble(frames.astype(np.uint64)) % np.uint64(_N_ROWS)
    angles: NDArray[np.float32] = _table(n_bins)[rows]
    return angles


def spread(coherence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of its random angle a phase takes, 0 to 1, for a coherence of 0 to 1."""
    scale = np.float32(1.0 / (_FULL_COHERENCE - _LEAST_COHERENCE))
    rise = (coherence - np.float32(_LEAST_COHERENCE)) * scale
    np.clip(rise, 0.0, 1.0, out=rise)
    spread: NDArray[np.float32] = 1.0 - rise * rise * (np.float32(3.0) - np.float32(2.0) * rise)
    return spread


def make_up(spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what scattering takes from a sound, as the logarithm of a gain to give back.

    Frames overlap four times under a Hann window. Where they agree they add up in amplitude, where
    they do not, only a quarter of the energy remains.
    """
    turned = np.maximum(spread, np.float32(1e-4)) * np.float32(np.pi)
    # what is left of a mean of angles of that spread
    agreement = np.sin(turned) / turned
    agreement *= agreement
    gain: NDArray[np.float32] = np.float32(-0.5) * np.log(
        np.float32(0.25) + np.float32(0.75) * agreement
    )
    return gain


@functools.cache
def _table(n_bins: int) -> NDArray[np.float32]:
    cells = _scramble(np.arange(_N_ROWS * n_bins, dtype=np.uint64)) >> np.uint64(40)
    angle = (cells.astype(np.float64) + 0.5) * (2.0 * np.pi / 2**24) - np.pi
    table = angle.astype(np.float32).reshape(_N_ROWS, n_bins)
    table.flags.writeable = False
    return table


def _scramble(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash whole numbers: the finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    x = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
