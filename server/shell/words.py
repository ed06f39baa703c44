"""Words of a shell to OSC arguments, and OSC arguments back to words."""

import re
import shlex
import struct
from collections.abc import Callable, Sequence
from typing import Any

from sdaudio.errors import UsageError

_WHOLE = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
# A leading zero, as in 007, is a name; 0.5 is not.
_NUMBER = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_SWITCHES: dict[str, bool] = {"true": True, "false": False}


def _whole(word: str) -> int:
    return int(word, 0)


_BY_TAG: dict[str, Callable[[str], Any]] = {
    "i": _whole,
    "h": _whole,
    "f": float,
    "d": float,
    "s": str,
    "b": bytes.fromhex,
}
_WITHOUT_WORD: dict[str, Any] = {"T": True, "F": False, "N": None}
TYPE_TAGS = "".join((*_BY_TAG, *_WITHOUT_WORD))


def read_words(words: Sequence[str], types: str = "") -> tuple[tuple[Any, ...], str]:
    """Turn the words of a command line into OSC arguments.

    Args:
        words: as the shell gives them. Without types ``7`` is a whole number, ``0.5`` and ``1e3``
            are numbers, ``true`` and ``false`` switches, and everything else is a text; ``007`` and
            ``1_0`` are texts too, because somebody may call a grid that.
        types: a type tag for each argument, as oscsend takes them. ``T``, ``F`` and ``N`` use up
            no word; ``b`` reads hexadecimal digits.

    Returns:
        The arguments, and a type tag for each (empty: to be found out from the value).

    Raises:
        UsageError: a type is unknown, or the words do not fit the types.
    """
    if not types:
        return tuple(_guess(word) for word in words), ""
    unknown = [tag for tag in types if tag not in TYPE_TAGS]
    if unknown:
        allowed = ", ".join(TYPE_TAGS)
        raise UsageError(f"The type '{unknown[0]}' is not known; allowed are {allowed}.")
    n_due = sum(tag in _BY_TAG for tag in types)
    if n_due != len(words):
        raise UsageError(
            f"--types {types} asks for {n_due} arguments and {len(words)} are given. Give each "
            "argument one type; T, F and N stand for themselves."
        )
    rest = iter(words)
    return tuple(
        _WITHOUT_WORD[tag] if tag in _WITHOUT_WORD else _read(tag, next(rest)) for tag in types
    ), types


def show_word(value: object) -> str:
    """Return an OSC argument as a word that a shell reads back as the same argument."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(shortest(value))
        case str():
            return shlex.quote(value)
        case bytes() | bytearray():
            return bytes(value).hex() or "''"
    return str(value)


def show_words(values: Sequence[object]) -> str:
    """Return OSC arguments as one line of words; a text of several lines stands below it."""
    lines = [value for value in values if isinstance(value, str) and "\n" in value.strip("\n")]
    words = " ".join(show_word(value) for value in values if value not in lines)
    return "\n".join((*([words] if words else []), *lines))


def shortest(value: float) -> float:
    """Return the number with the fewest digits that is the same in the 32 bits of an OSC float."""
    try:
        packed = struct.pack(">f", value)
    except OverflowError:
        return value
    for digits in range(1, 10):
        candidate = float(f"{value:.{digits}g}")
        if struct.pack(">f", candidate) == packed:
            return candidate
    return value


def _guess(word: str) -> int | float | bool | str:
    if word in _SWITCHES:
        return _SWITCHES[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _NUMBER.fullmatch(word) else word


def _read(tag: str, word: str) -> object:
    try:
        return _BY_TAG[tag](word)
    except ValueError as error:
        raise UsageError(f"'{word}' is no argument of type {tag}.") from error
