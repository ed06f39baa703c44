"""Scores: what was sent to a daemon and when, as lines of JSON that a person can edit.

::

    {"score": 1}
    {"at": 0.0, "send": ["/sda/play/loop", "starter"]}
    {"at": 0.5, "send": ["/sda/grid/set", "starter", 0, 4, 20]}
    {"at": 1.0, "bundle": [["/sda/grid/set", "starter", 0, 5, 1], ["/sda/play/gain", -6.0]]}
    {"at": 1.01, "answer": ["/sda/done", "/sda/grid/set", 12]}
    {"at": 2.0}

``at`` is in seconds from the beginning. A bundle is one step to undo. An ``answer`` is what came
back; it is kept for a reader and never sent. A line with nothing but a time lasts until then, which
is where a loop begins again. Empty lines, lines that begin with ``#`` and the order of the lines
mean nothing.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdaudio.errors import FileError, UsageError

from ..client import build_message
from ..wire import Message
from .words import shortest

HEADER = '{"score": 1}'

_KEYS = ("send", "bundle", "answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is sent at one moment.

    Args:
        at_s: seconds from the beginning.
        packets: messages as bytes that belong together; none for a rest.
    """

    at_s: float
    packets: tuple[bytes, ...] = ()


def read_score(path: Path) -> list[Entry]:
    """Read a score and return its entries in the order of their times, without the answers.

    Raises:
        FileError: the file is missing, or a line is no entry; the text names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise FileError(f"Cannot read the score '{path}': {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"The score '{path}' is no text.") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                entry = _entry(json.loads(line))
            except (ValueError, RecursionError, UsageError) as error:
                raise FileError(f"The score '{path}', line {number}: {error}") from error
            if entry:
                entries.append(entry)
    return sorted(entries, key=lambda entry: entry.at_s)


def sent_line(at_s: float, messages: Sequence[Message], *, is_bundle: bool) -> str:
    """Return the line of a message that was sent, or of all in one bundle.

    Raises:
        UsageError: an argument has a type that a score cannot hold.
    """
    words = [_words(message) for message in messages]
    if is_bundle:
        return _dump({"at": round(at_s, 6), "bundle": words})
    return _dump({"at": round(at_s, 6), "send": words[0]})


def answer_line(at_s: float, message: Message) -> str:
    """Return the line of a message that came back.

    Raises:
        UsageError: an argument has a type that a score cannot hold.
    """
    return _dump({"at": round(at_s, 6), "answer": _words(message)})


def rest_line(at_s: float) -> str:
    """Return the line that makes a score last until then."""
    return _dump({"at": round(at_s, 6)})


def _dump(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _words(message: Message) -> list[Any]:
    return [message.address, *(_plain(value, message.address) for value in message.arguments)]


def _plain(value: object, address: str) -> object:
    if isinstance(value, float) and math.isfinite(value):
        return shortest(value)
    if type(value) is tuple:  # and not a colour or MIDI message, which are named ones
        return [_plain(each, address) for each in value]
    if value is None or isinstance(value, str | int):
        return value
    raise UsageError(f"{address} carries a {type(value).__name__}, which a score cannot hold.")


def _entry(record: object) -> Entry | None:
    """Return what a line says, or None for an answer or the first line."""
    if not isinstance(record, dict):
        raise UsageError("an entry is an object in braces.")
    if "score" in record:
        if record["score"] != 1:
            raise UsageError(f"this sdaudio reads scores of version 1, not {record['score']!r}.")
        return None
    unknown = set(record) - {"at", *_KEYS}
    if unknown or len(record) > 2:
        raise UsageError('an entry has "at" and one of "send", "bundle" and "answer".')
    at_s = record.get("at")
    if isinstance(at_s, bool) or not isinstance(at_s, int | float) or not 0 <= at_s < math.inf:
        raise UsageError('"at" is a time in seconds, 0 or more.')
    if "answer" in record:
        return None
    if "bundle" in record:
        messages = record["bundle"]
        if not isinstance(messages, list) or not messages:
            raise UsageError('"bundle" is a list of messages.')
        return Entry(float(at_s), tuple(_packets(messages)))
    if "send" in record:
        return Entry(float(at_s), tuple(_packets([record["send"]])))
    return Entry(float(at_s))


def _packets(messages: Iterable[object]) -> Iterable[bytes]:
    for message in messages:
        if not isinstance(message, list) or not message:
            raise UsageError('a message is a list: ["/address", argument, ...].')
        address, *arguments = message
        if not isinstance(address, str) or not address.startswith("/"):
            raise UsageError(f"an address is a text that begins with '/', not {address!r}.")
        yield build_message(address, arguments)
