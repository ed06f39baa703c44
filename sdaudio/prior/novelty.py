"""How new a take is: what of it is copied from the training sounds, how long, and from where.

Codes that stay are one event, however long they last: a held sound would otherwise look like a long
copy of any sound that holds it, and two takes of one phrase at different speeds like nothing in
common. An event is the codes of levels 0 and 1 together. A run of events that also occurs in a
training file is a copy when it has `RUN_EVENTS` of them or more; the novelty of a take is the share
of its events that lie in no copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError

RUN_EVENTS = 3
"""Shorter runs come back in new sounds of the same kind too."""

_SEPARATOR = "\0"
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Copied:
    """The longest run of a take that a training file also has; no events when there is none.

    ``start`` and ``columns`` are where it lies in the take, ``file`` is the number of the training
    file and ``file_column`` where it begins there.
    """

    n_events: int = 0
    start: int = 0
    columns: int = 0
    file: int = -1
    file_column: int = 0


@dataclass(frozen=True, slots=True)
class Novelty:
    """How new a take is.

    Shares are 0 (all copied) to 1 (nothing is). ``usual`` is the novelty of the training files
    themselves, each against all others: what new sounds of this kind have; -1 with a single file.
    ``longest`` is the longest copy on levels 0 and 1 together, ``longest_coarse`` on level 0.
    """

    share: float
    usual: float
    longest: Copied
    longest_coarse: Copied


@dataclass(frozen=True, slots=True)
class _Events:
    """A text with one sign per event, and at which column each begins (and the last ends)."""

    text: str
    columns: NDArray[np.int64]


class CopyIndex:
    """The codes of the training files, made ready to look for copies in.

    Args:
        codes_by_file: (level, column) of each file, at least two levels.

    Raises:
        UsageError: there are no files.
    """

    def __init__(self, codes_by_file: Sequence[NDArray[np.integer]]) -> None:
        if not codes_by_file:
            raise UsageError("Copies can be told only from sounds; there are none.")
        self._both = _Source([_events(codes[:2]) for codes in codes_by_file])
        self._coarse = _Source([_events(codes[:1]) for codes in codes_by_file])
        self.usual = self._both.usual()

    def measure(self, codes: NDArray[np.integer]) -> Novelty:
        """Measure how new a take (level, column) is."""
        events = _events(codes[:2])
        lengths, places = self._both.matches(events.text)
        is_copied = np.zeros(len(events.text), bool)
        for start, length in enumerate(lengths):
            if length >= min(RUN_EVENTS, len(events.text)):
                is_copied[start : start + length] = True
        coarse = _events(codes[:1])
        return Novelty(
            share=float(1 - is_copied.mean()) if is_copied.size else 1.0,
            usual=self.usual,
            longest=self._both.longest(events, lengths, places),
            longest_coarse=self._coarse.longest(coarse, *self._coarse.matches(coarse.text)),
        )

    def has_run(self, run: str) -> bool:
        """Whether a run of events, a sign each (see `sign`), occurs in a training file."""
        return run in self._both.text

    def following(self, run: str) -> set[str]:
        """The events that come after a run anywhere in the training files."""
        return following(self._both.text, run) - {_SEPARATOR}


def sign(codes: Sequence[int]) -> str:
    """The sign of an event, from the codes of a column."""
    value = codes[0] * 256 + codes[1] + 1
    return chr(value + len(_SURROGATES) * (value >= _SURROGATES.start))


def following(text: str, run: str) -> set[str]:
    """The signs that come after a run in a text."""
    found, at = set(), text.find(run)
    while at >= 0:
        found.add(text[at + len(run) : at + len(run) + 1])
        at = text.find(run, at + 1)
    return found - {""}


class _Source:
    """The events of all files in one text, with a sign between them that no take has."""

    def __init__(self, files: Sequence[_Events]) -> None:
        self.text = _SEPARATOR.join(file.text for file in files)
        self._files = files
        self._starts = np.cumsum([0, *(len(file.text) + 1 for file in files[:-1])])

    def matches(self, take: str) -> tuple[list[int], list[int]]:
        """For every event of a take: how many from there on a file has too, and where it does.

        The end never moves back from one event to the next, so that there are some two searches
        for an event, and none while a place that was found goes on as the take does.
        """
        lengths, places = [], []
        text, stop, place, searched = self.text, 0, 0, True
        for start in range(len(take)):
            if stop <= start:
                stop, place, searched = start, -1, False
            while stop < len(take):
                if (
                    place >= 0
                    and text[place + stop - start : place + stop - start + 1] == (take[stop])
                ):
                    stop += 1
                    continue
                # a longer run is not found before the first place of a shorter one
                found = text.find(take[start : stop + 1], place + 1 if searched else 0)
                if found < 0:
                    break
                stop, place, searched = stop + 1, found, True
            lengths.append(stop - start)
            places.append(place)
            place, searched = place + 1, False
        return lengths, places

    def longest(self, take: _Events, lengths: list[int], places: list[int]) -> Copied:
        """The longest of the matches of a take, the first of equals."""
        n_events = max(lengths, default=0)
        if not n_events:
            return Copied()
        first = lengths.index(n_events)
        start = int(take.columns[first])
        file = int(self._starts.searchsorted(places[first], side="right")) - 1
        event = places[first] - int(self._starts[file])
        return Copied(
            n_events,
            start,
            int(take.columns[first + n_events]) - start,
            file,
            int(self._files[file].columns[event]),
        )

    def usual(self) -> float:
        """The novelty of the files, each against all others; -1 with a single one."""
        if len(self._files) < 2:
            return -1.0
        lengths = [len(file.text) + 1 for file in self._files]
        files = np.repeat(np.arange(len(lengths)), lengths)[:-1]
        signs = np.frombuffer(self.text.encode("utf-32-le"), np.uint32)
        is_event = signs != ord(_SEPARATOR)
        if signs.size < RUN_EVENTS:
            return 1.0
        # equal runs get the same number: those of one event first, then of one more, and so on
        _, single = np.unique(signs, return_inverse=True)
        runs = single
        for length in range(2, RUN_EVENTS + 1):
            pairs = runs[:-1] * (int(single.max()) + 1) + single[length - 1 :]
            _, runs = np.unique(pairs, return_inverse=True)
        windows = np.lib.stride_tricks.sliding_window_view(is_event, RUN_EVENTS)
        starts = np.flatnonzero(windows.all(axis=1))
        of_file, number = files[starts], runs[starts]
        first, last = np.full(signs.size, signs.size), np.full(signs.size, -1)
        np.minimum.at(first, number, of_file)
        np.maximum.at(last, number, of_file)
        is_shared = first[number] != last[number]
        is_copied = np.zeros(signs.size, bool)
        for shift in range(RUN_EVENTS):
            is_copied[starts[is_shared] + shift] = True
        return float(1 - is_copied.sum() / is_event.sum())


def _events(codes: NDArray[np.integer]) -> _Events:
    values = codes.astype(np.int64)
    is_new = np.ones(values.shape[1], bool)
    is_new[1:] = (values[:, 1:] != values[:, :-1]).any(axis=0)
    columns = np.flatnonzero(is_new)
    signs = (values[0] if len(values) == 1 else values[0] * 256 + values[1])[columns] + 1
    signs += len(_SURROGATES) * (signs >= _SURROGATES.start)
    text = signs.astype("<u4").tobytes().decode("utf-32-le")
    return _Events(text, np.append(columns, values.shape[1]))
