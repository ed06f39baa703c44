"""OSC address patterns: ``?``, ``*``, ``[a-z]``, ``[!x]`` and ``{one,other}``, part by part.

A pattern never becomes a regular expression, because a few stars make those exponential. Instead
each sign moves a set of places in the address, held as the bits of one integer, so that the time
is linear in the pattern whatever it holds. The ``//`` of OSC 1.1 is not known.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from sdaudio.errors import UsageError

MAX_LENGTH = 256
"""Characters in the longest pattern that is accepted."""

_WILDCARDS = frozenset("?*[]{}")


def is_pattern(address: str) -> bool:
    """Whether an address holds any sign that can stand for something else."""
    return not _WILDCARDS.isdisjoint(address)


def matches(pattern: str, address: str) -> bool:
    """Whether a pattern fits an address; signs match within one part between two slashes.

    Raises:
        UsageError: the pattern is malformed or longer than 256 characters.
    """
    return _matches(_parse(pattern), address)


def expand(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses that a pattern fits, in their order.

    Raises:
        UsageError: the pattern is malformed or longer than 256 characters.
    """
    parts = _parse(pattern)
    # Many addresses share their first parts.
    known: dict[tuple[int, str], bool] = {}
    return [address for address in addresses if _matches(parts, address, known)]


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str


@dataclass(frozen=True, slots=True)
class _AnyCharacter:
    pass


@dataclass(frozen=True, slots=True)
class _AnyText:
    pass


class _Class(dict[int, str]):
    """A set of characters as a translation table to ``1`` (in it) and ``0``, filled on demand."""

    def __init__(self, ranges: tuple[tuple[str, str], ...], *, negated: bool) -> None:
        self._ranges = ranges
        self._negated = negated

    def __missing__(self, ordinal: int) -> str:
        character = chr(ordinal)
        held = any(low <= character <= high for low, high in self._ranges) != self._negated
        self[ordinal] = "1" if held else "0"
        return self[ordinal]


@dataclass(frozen=True, slots=True)
class _Choice:
    texts: tuple[str, ...]


_Sign = _Literal | _AnyCharacter | _AnyText | _Class | _Choice


@dataclass(frozen=True, slots=True)
class _Signs:
    """A part that is no plain text. ``min_length``: characters of the shortest text it fits."""

    signs: tuple[_Sign, ...]
    min_length: int


_Part = str | _Signs


def _matches(
    parts: tuple[_Part, ...], address: str, known: dict[tuple[int, str], bool] | None = None
) -> bool:
    given = address.split("/")
    if len(given) != len(parts):
        return False
    # Plain parts first: they are the quickest to rule an address out.
    if any(isinstance(part, str) and part != text for part, text in zip(parts, given, strict=True)):
        return False
    known = {} if known is None else known
    for number, (part, text) in enumerate(zip(parts, given, strict=True)):
        if isinstance(part, str):
            continue
        fits = known.get((number, text))
        if fits is None:
            fits = known[number, text] = _part_matches(part, text)
        if not fits:
            return False
    return True


def _part_matches(part: _Signs, text: str) -> bool:
    if len(text) < part.min_length:
        return False
    # Bit i of `reached` says that the signs so far fit the first i characters of the text.
    everywhere = (1 << len(text) + 1) - 1
    places: dict[str, int] = {}
    for index, character in enumerate(text):
        places[character] = places.get(character, 0) | 1 << index
    backwards = text[::-1]
    reached = 1
    for sign in part.signs:
        match sign:
            case _Literal(literal):
                reached = _after(literal, reached, places)
            case _AnyText():
                reached = everywhere & -(reached & -reached)
            case _AnyCharacter():
                reached = reached << 1 & everywhere
            case _Class():
                held = int(backwards.translate(sign), 2) if backwards else 0
                reached = (reached & held) << 1
            case _Choice(texts):
                together = 0
                for literal in texts:
                    together |= _after(literal, reached, places)
                reached = together
        if not reached:
            return False
    return bool(reached >> len(text) & 1)


def _after(literal: str, reached: int, places: dict[str, int]) -> int:
    for character in literal:
        reached = (reached & places.get(character, 0)) << 1
        if not reached:
            break
    return reached


@functools.lru_cache(maxsize=256)
def _parse(pattern: str) -> tuple[_Part, ...]:
    if len(pattern) > MAX_LENGTH:
        raise UsageError(
            f"The address pattern has {len(pattern)} characters; at most {MAX_LENGTH} are allowed."
        )
    if not pattern.startswith("/"):
        raise UsageError(f"The address {pattern!r} does not begin with '/'.")
    return tuple(
        _parse_part(part, pattern) if is_pattern(part) else part for part in pattern.split("/")
    )


def _parse_part(part: str, pattern: str) -> _Signs:
    signs: list[_Sign] = []
    offset = 0
    while offset < len(part):
        character = part[offset]
        if character in "[{":
            closing = "]" if character == "[" else "}"
            end = part.find(closing, offset + 1)
            if end < 0:
                raise _malformed(pattern, f"'{character}' has no '{closing}' in its part")
            inside = part[offset + 1 : end]
            if character == "[":
                signs.append(_parse_class(inside, pattern))
            elif is_pattern(inside):
                raise _malformed(pattern, f"'{{{inside}}}' holds more than plain words")
            else:
                signs.append(_Choice(tuple(dict.fromkeys(inside.split(",")))))
            offset = end + 1
        elif character in "]}":
            raise _malformed(pattern, f"'{character}' closes nothing")
        elif character in "?*":
            # Stars in a row are one star.
            if character == "?" or signs[-1:] != [_AnyText()]:
                signs.append(_AnyCharacter() if character == "?" else _AnyText())
            offset += 1
        else:
            end = offset + 1
            while end < len(part) and part[end] not in _WILDCARDS:
                end += 1
            signs.append(_Literal(part[offset:end]))
            offset = end
    return _Signs(tuple(signs), sum(_min_length(sign) for sign in signs))


def _min_length(sign: _Sign) -> int:
    match sign:
        case _Literal(text):
            return len(text)
        case _Choice(texts):
            return min(len(text) for text in texts)
        case _AnyText():
            return 0
    return 1


def _parse_class(inside: str, pattern: str) -> _Class:
    negated = inside.startswith("!")
    characters = inside[1:] if negated else inside
    if not characters:
        raise _malformed(pattern, f"'[{inside}]' holds no character")
    ranges = []
    offset = 0
    while offset < len(characters):
        low = high = characters[offset]
        offset += 1
        # A '-' that is first or last stands for itself.
        if characters[offset : offset + 1] == "-" and offset + 1 < len(characters):
            high = characters[offset + 1]
            offset += 2
        if low > high:
            raise _malformed(pattern, f"the range '{low}-{high}' runs backwards")
        ranges.append((low, high))
    return _Class(tuple(ranges), negated=negated)


def _malformed(pattern: str, reason: str) -> UsageError:
    return UsageError(f"The address pattern {pattern!r} is malformed: {reason}.")
