"""Reads a sound at another rate than its own, between its samples."""

import numpy as np

from .readers import GUARD, Reader, Samples


class Interpolator:
    """A 4-point, third-order Hermite curve (Catmull-Rom), whole blocks at a time.

    It works in arrays that exist already and hands out one of them, good until the next call.

    Args:
        max_block_length: frames in the longest block.
    """

    def __init__(self, max_block_length: int) -> None:
        n = max_block_length
        self._frame = np.arange(n, dtype=np.float64)
        self._glide = self._frame * (self._frame - 1.0) / 2.0
        self._place = np.zeros(n, dtype=np.float64)
        self._floor = np.zeros(n, dtype=np.float64)
        self._index = np.zeros(n, dtype=np.int64)
        self._tap = np.zeros(n, dtype=np.int64)
        self._taps = np.zeros((4, n), dtype=np.float32)
        self._fraction = np.zeros(n, dtype=np.float32)
        self._work = np.zeros(n, dtype=np.float32)
        self._sum = np.zeros(n, dtype=np.float32)

    def read(self, reader: Reader, n: int) -> Samples:
        """Return the next ``n`` frames that a reader is to hear, (frame,) float32."""
        sound = reader.sound
        place, floor, index, tap = (
            self._place[:n], self._floor[:n], self._index[:n], self._tap[:n],
        )  # fmt: skip
        pace = reader.pace
        np.multiply(self._frame[:n], pace.value, out=place)
        np.add(place, reader.position, out=place)
        if pace.slope:
            # the steps so far, each a little longer or shorter than the one before
            np.multiply(self._glide[:n], pace.slope, out=floor)
            np.add(place, floor, out=place)
        np.floor(place, out=floor)
        np.subtract(place, floor, out=self._fraction[:n], casting="same_kind")
        np.copyto(index, floor, casting="unsafe")
        before, here, after, beyond = self._taps[:, :n]
        for offset, values in ((-1, before), (0, here), (1, after), (2, beyond)):
            np.add(index, offset, out=tap)
            if reader.wraps:
                np.remainder(tap, sound.length, out=tap)
            np.add(tap, GUARD, out=tap)
            np.take(sound.samples, tap, out=values, mode="clip")
        return self._hermite(n)

    def _hermite(self, n: int) -> Samples:
        # y = ((c3 f + c2) f + c1) f + here, with
        # c1 = (after - before) / 2, c3 = (beyond - before) / 2 + 1.5 (here - after) and
        # c2 = before - here + c1 - c3 (Catmull-Rom).
        before, here, after, beyond = self._taps[:, :n]
        fraction, work, total = self._fraction[:n], self._work[:n], self._sum[:n]
        np.subtract(beyond, before, out=beyond)
        np.multiply(beyond, np.float32(0.5), out=beyond)
        np.subtract(here, after, out=work)
        np.multiply(work, np.float32(1.5), out=work)
        c3 = np.add(beyond, work, out=beyond)
        np.subtract(after, before, out=after)
        c1 = np.multiply(after, np.float32(0.5), out=after)
        np.subtract(before, here, out=work)
        np.add(work, c1, out=work)
        c2 = np.subtract(work, c3, out=work)
        np.multiply(c3, fraction, out=total)
        np.add(total, c2, out=total)
        np.multiply(total, fraction, out=total)
        np.add(total, c1, out=total)
        np.multiply(total, fraction, out=total)
        np.add(total, here, out=total)
        return total
