"""What codes sound like: alone, and as the next step of a column towards brighter or louder.

A step is proposed by the closed form, which says for all codes at once how bright and how loud a
column would be, and is kept when the decoded column says so too. Runs where a model is loaded.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio.factors import Factor, describe
from sdaudio.grid import Codes, Region
from sdaudio.neighbours import CodeSounds, Direction
from sdaudio.render import Renderer

_FACTORS: dict[Direction, tuple[Factor, float]] = {
    "brighter": ("brightness", 1.0),
    "darker": ("brightness", -1.0),
    "louder": ("loudness", 1.0),
    "softer": ("loudness", -1.0),
}
# In octaves and dB. Half of what is asked of a proposal is asked of what is heard, which other
# columns have a share in.
_PROPOSED = {"brightness": 1 / 12, "loudness": 1.0}
_HEARD = {"brightness": 1 / 24, "loudness": 0.5}
# Two proposals are enough on average; some columns have nothing brighter near them.
_PROPOSALS = 12
# A code is heard at its best in the middle of so many columns of it.
_HELD_BESIDE = 1


def listen_to_codes(renderer: Renderer) -> CodeSounds:
    """Decode every code of a model alone and measure it."""
    n_levels, size = renderer.codebooks.shape[:2]
    beside = renderer.reach + _HELD_BESIDE
    held = np.repeat(np.arange(size), 2 * beside + 1)
    brightness, loudness = [], []
    for level in range(n_levels):
        codes = np.zeros((n_levels, held.size), np.uint16)
        codes[level] = held
        found = _heard(renderer, codes, ("brightness", "loudness"), active=(level,))
        brightness.append(2 ** found["brightness"][beside :: 2 * beside + 1] - 1)
        loudness.append(found["loudness"][beside :: 2 * beside + 1])
    return CodeSounds(np.array(brightness, np.float32), np.array(loudness, np.float32))


class Stepper:
    """Finds codes that make columns a little brighter, darker, louder or softer.

    Args:
        renderer: of the model.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        table, bias = renderer.log_magnitudes
        config = renderer.header.codec
        # powers multiply where logarithms add: one product with these is all codes in a column
        self._powers = np.exp(2 * table)
        self._bias, self._table = bias, table
        bins = np.fft.rfftfreq(config.n_fft, 1 / config.sample_rate)
        self._hertz = np.tile(bins, config.frames_per_column).astype(np.float32)

    def step(
        self, codes: Codes, region: Region, direction: Direction, *, first_column: int = 0
    ) -> Codes:
        """Change one code in each column of a region, so that the column goes a step that way.

        Of all codes of the region's levels that lead there the one nearest to what stands is taken,
        so that as little else as possible changes.

        Args:
            codes: (level, column), the region and what is heard with it.
            region: levels, and columns counted in ``codes``.
            direction: which way.
            first_column: where in its grid the first of the codes stands.

        Returns:
            The region (level, column); a column in which no code leads there stays as it is.
        """
        factor, sign = _FACTORS[direction]
        proposals = self.proposals(codes, region, direction)
        before = self._measure(codes, region, factor, first_column)
        tried = np.zeros(region.columns, int)
        after = codes.copy()
        for _ in range(_PROPOSALS):
            for column, choices in enumerate(proposals):
                place = region.column + column
                after[:, place] = codes[:, place]
                if tried[column] < len(choices):
                    level, code = choices[tried[column]]
                    after[level, place] = code
            heard = self._measure(after, region, factor, first_column)
            missed = sign * (heard - before) < _HEARD[factor]
            missed &= tried < [len(choices) for choices in proposals]
            if not missed.any():
                break
            tried[missed] += 1
        else:
            places = region.column + np.flatnonzero(missed)
            after[:, places] = codes[:, places]
        return after[region.level_slice, region.column_slice]

    def proposals(
        self, codes: Codes, region: Region, direction: Direction
    ) -> list[list[tuple[int, int]]]:
        """Return what should lead there by the closed form: (level, code) by column, nearest first.

        Arguments as `step`; nothing is decoded.
        """
        factor, sign = _FACTORS[direction]
        found: list[list[tuple[float, int, int]]] = [[] for _ in range(region.columns)]
        part = codes[:, region.column_slice]
        for level in range(region.level, region.level + region.levels):
            values = self._predicted(part, level, factor)
            stands = values[part[level], np.arange(region.columns)]
            leads = sign * (values - stands) > _PROPOSED[factor]
            codebook = self._renderer.codebooks[level]
            for column in range(region.columns):
                distance = np.linalg.norm(codebook - codebook[part[level, column]], axis=1)
                found[column] += [
                    (float(distance[code]), level, int(code))
                    for code in np.flatnonzero(leads[:, column])
                ]
        return [
            [(level, code) for _, level, code in sorted(choices)[:_PROPOSALS]] for choices in found
        ]

    def _predicted(self, codes: Codes, level: int, factor: Factor) -> NDArray[np.float32]:
        """What each code of a level would make of columns, (code, column), by the closed form."""
        others = [other for other in range(len(codes)) if other != level]
        rest = self._bias + sum(self._table[other, codes[other]] for other in others)
        powers = np.exp(2 * rest)
        total = self._powers[level] @ powers.T + np.float32(1e-20)
        if factor == "loudness":
            return np.asarray(10 * np.log10(total))
        return np.asarray(np.log2(self._powers[level] @ (powers * self._hertz).T / total + 1))

    def _measure(
        self, codes: Codes, region: Region, factor: Factor, first_column: int
    ) -> NDArray[np.float64]:
        found = _heard(self._renderer, codes, (factor,), first_column=first_column)
        return found[factor][region.column_slice]


def _heard(
    renderer: Renderer,
    codes: Codes,
    factors: tuple[Factor, ...],
    *,
    active: tuple[int, ...] | None = None,
    first_column: int = 0,
) -> dict[Factor, NDArray[np.float64]]:
    audio = renderer.decode(codes, active=active, first_column=first_column)
    config = renderer.header.codec
    return describe(audio, config.sample_rate, column_length=config.column_length, factors=factors)
