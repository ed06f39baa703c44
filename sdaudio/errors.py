"""The errors of sdaudio.

    SdaudioError
    ├── UsageError    the caller's mistake: a wrong argument, name, range or setting
    ├── StateError    right in itself, but not now: no grid open, nothing to undo
    ├── AccessError   the daemon listens to other machines and was not shown its token
    ├── FileError     a file that is missing, damaged, foreign, or in the wrong place
    ├── JobError      work in a worker process that failed, or a worker that was lost
    └── DeviceError   a sound card or MIDI port that is not there or went away

Every class has a ``code`` that goes on the wire unchanged (``/sda/fail <address> <code> <text>``).
The text says what was given, what is allowed and what to do next.
"""

import difflib
import functools
from collections.abc import Iterable
from typing import ClassVar

_LONGEST_MISSPELT = 128


class SdaudioError(Exception):
    """Any error that sdaudio raises on purpose."""

    code: ClassVar[str] = "error"


class UsageError(SdaudioError):
    """The caller asked for something that can never work as it was asked."""

    code = "usage"


class StateError(SdaudioError):
    """The request is well formed but does not fit the present state."""

    code = "state"


class AccessError(SdaudioError):
    """Who asks has not shown the token, or has shown a wrong one."""

    code = "access"


class NoAnswerError(StateError):
    """Nobody answers where a daemon should be; known to clients only, so it needs no code."""


class FileError(SdaudioError):
    """A file is missing, damaged, of the wrong kind, or outside the allowed folders."""

    code = "file"


class JobError(SdaudioError):
    """Work in a worker process failed, or the worker was lost."""

    code = "job"


class DeviceError(SdaudioError):
    """A sound card or a MIDI port cannot be used."""

    code = "device"


def error_of(code: str, text: str) -> SdaudioError:
    """Return the error that a code on the wire stands for."""
    kinds = (UsageError, StateError, AccessError, FileError, JobError, DeviceError)
    return next((kind for kind in kinds if kind.code == code), SdaudioError)(text)


def nearest_hint(given: str, allowed: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest allowed word, or an empty string."""
    if len(given) > _LONGEST_MISSPELT:
        return ""
    # difflib takes some 20 us for a pair of words, so it sees only those with most pairs of letters
    # in common.
    pairs = _letter_pairs(given)
    likely = sorted(allowed, key=lambda word: -_likeness(pairs, _letter_pairs(word)))[:3]
    close = difflib.get_close_matches(given, likely, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


@functools.lru_cache(maxsize=1024)
def _letter_pairs(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one) + len(other))
