"""What the arguments of a command are called, read from the usage line the daemon answers.

The line is ``/sda/grid/encode grid model path [option] [code ...]``: required arguments, then
optional ones, which may be given in order or as pairs of name and value, and at the end perhaps
one that repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_PATHS = ("path", "folder")


@dataclass(frozen=True, slots=True)
class Usage:
    """The names of a command's arguments.

    Args:
        address: the command.
        required: names of the arguments that must be given.
        optional: names of those that may.
        repeated: name of what may follow any number of times; empty for nothing.
    """

    address: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    repeated: str = ""

    def due(self, words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """Return what may follow some words.

        Returns:
            The name of the argument whose value is due (empty when no more are taken), and the
            names of options that may be given instead.
        """
        if len(words) < len(self.required):
            return self.required[len(words)], ()
        if self.repeated:
            return self.repeated, ()
        left = list(self.optional)
        rest = list(words[len(self.required) :])
        while rest:
            word = rest.pop(0)
            if not left:
                return "", ()
            if word not in left:
                left.pop(0)
            elif not rest:
                return word, ()
            else:
                left.remove(word)
                rest.pop(0)
        return (left[0], tuple(left)) if left else ("", ())

    def names_path(self, words: Sequence[str]) -> bool:
        """Whether what follows some words is the path of a file or a folder."""
        return self.due(words)[0] in _PATHS


def parse_usage(line: str) -> Usage:
    """Read a usage line."""
    address, _, rest = line.partition(" ")
    required: list[str] = []
    optional: list[str] = []
    repeated = ""
    while rest:
        if rest.startswith("["):
            name, _, rest = rest[1:].partition("]")
            if name.endswith(" ..."):
                repeated = name.removesuffix(" ...")
            else:
                optional.append(name)
            rest = rest.lstrip()
        else:
            name, _, rest = rest.partition(" ")
            required.append(name)
    return Usage(address, tuple(required), tuple(optional), repeated)
