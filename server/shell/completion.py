"""``sdaudio completion``: what may follow the words of a command line, for bash, zsh and fish.

The shell's script asks ``sdaudio complete -- WORD...`` whenever the user presses Tab. Commands and
options come from the parser; addresses, the names of their arguments, and the grids, models,
templates and jobs there are come from the daemon, or from the built-in table when none answers.
"""

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sdaudio.errors import SdaudioError

from ..client import DaemonAddress
from .usage import Usage, parse_usage

_TIMEOUT_S = 0.3
"""How long a person waits for Tab."""
_GRIDS = ("grid", "grid_a", "grid_b", "other")
_MODELS = ("model",)
_TEMPLATES = ("template",)
# arguments of the command line that name a model, at least in the first place
_NAMED_MODELS = ("model", "name", "words")
_JOBS = ("job", "job_number")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may come next, and what it means."""

    word: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.word}\t{self.text}" if self.text else self.word


@dataclass(slots=True)
class _Line:
    """What the words so far say: the parser they have led to and what it was given."""

    parser: argparse.ArgumentParser
    command: str = ""
    positionals: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    open_option: argparse.Action | None = None


def candidates(
    parser: argparse.ArgumentParser,
    words: Sequence[str],
    daemon: DaemonAddress,
    library: Callable[[], Sequence[str]] = list,
) -> list[Candidate]:
    """Return what the last word may become; nothing where a file or a number is due.

    Args:
        parser: the whole command line.
        words: the words after ``sdaudio``; the last is the one being typed and may be empty.
        daemon: where the daemon is, unless the words say otherwise.
        library: returns the names of all models; asked when they are wanted.
    """
    *before, current = words or [""]
    line = _read(parser, before)
    if line.open_option is not None:
        found = [Candidate(str(choice)) for choice in line.open_option.choices or ()]
        if line.open_option.dest == "model":
            found = [Candidate(name) for name in library()]
    elif current.startswith("-"):
        found = list(_options(line.parser))
    elif not line.command or (_subparsers(line.parser) and not line.positionals):
        found = list(_commands(line.parser))
    elif line.command == "call":
        found = list(_arguments(_Daemon(_named(daemon, line.options)), line.positionals))
    else:
        positional = [a for a in line.parser._actions if not a.option_strings]
        found = [Candidate(str(choice)) for action in positional for choice in action.choices or ()]
        if any(action.dest in _NAMED_MODELS for action in positional):
            found = [Candidate(name) for name in library()]
    return [each for each in found if each.word.startswith(current)]


def _named(daemon: DaemonAddress, options: dict[str, str]) -> DaemonAddress:
    port = options.get("--port", "")
    return dataclasses.replace(
        daemon,
        host=options.get("--host", daemon.host),
        port=int(port) if port.isdigit() else daemon.port,
        token=options.get("--token", daemon.token),
        timeout_s=_TIMEOUT_S,
    )


def _read(parser: argparse.ArgumentParser, words: Sequence[str]) -> _Line:
    line = _Line(parser)
    for word in words:
        if line.open_option is not None:
            line.options[line.open_option.option_strings[0]] = word
            line.open_option = None
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            line.options[name] = value
        elif word.startswith("-") and (action := _option(line.parser, word)) is not None:
            line.open_option = None if action.nargs == 0 else action
        elif word in (inner := _subparsers(line.parser)):
            # call, or models tag
            line.command = line.command or word
            line.parser = inner[word]
        elif not line.command:
            line.command = word
        else:
            line.positionals.append(word)
    return line


def _option(parser: argparse.ArgumentParser, word: str) -> argparse.Action | None:
    return next((a for a in parser._actions if word in a.option_strings), None)


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _commands(parser: argparse.ArgumentParser) -> Iterator[Candidate]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            # those without a help text are for scripts
            yield from (Candidate(a.dest, a.help or "") for a in action._choices_actions)


def _options(parser: argparse.ArgumentParser) -> Iterator[Candidate]:
    for action in parser._actions:
        text = (action.help or "").replace("%(default)s", str(action.default))
        yield from (Candidate(name, text) for name in action.option_strings if len(name) > 2)


def _arguments(daemon: "_Daemon", positionals: Sequence[str]) -> Iterator[Candidate]:
    summaries = daemon.summaries()
    if not positionals:
        yield from (Candidate(usage.address, text) for usage, text in summaries)
        return
    address, *given = positionals
    usage = next((usage for usage, _ in summaries if usage.address == address), Usage(address))
    name, options = usage.due(given)
    if name == "address":
        yield from (Candidate(each.address, text) for each, text in summaries)
    elif name in _GRIDS:
        yield from daemon.names("/sda/grid/list", "/sda/grid/state")
    elif name in _MODELS:
        yield from daemon.names("/sda/model/list", "/sda/model/item")
    elif name in _TEMPLATES:
        yield from daemon.names("/sda/template/list", "/sda/template/state")
    elif name in _JOBS:
        yield from daemon.names("/sda/job/list", "/sda/job/state")
    yield from (Candidate(option) for option in options)


class _Daemon:
    """What a running daemon knows, or what is built in when none answers."""

    def __init__(self, address: DaemonAddress) -> None:
        self._address = address

    def summaries(self) -> list[tuple[Usage, str]]:
        """Every command with a sentence about it."""
        lines = self._listed("/sda/help", "/sda/help/command") or _built_in()
        return [(parse_usage(str(usage)), str(text)) for usage, text, *_ in lines]

    def names(self, command: str, answer: str) -> Iterator[Candidate]:
        """The first word of every line that a list command answers."""
        for name, *_ in self._listed(command, answer):
            yield Candidate(str(name))

    def _listed(self, command: str, answer: str) -> list[tuple[object, ...]]:
        try:
            with self._address.connect() as client:
                client.call(command)
                return [values for address, values in client.events if address == answer]
        except SdaudioError:
            return []


def _built_in() -> list[tuple[object, ...]]:
    from ..commands import all_commands
    from ..registry import Registry

    registry = Registry(all_commands())
    commands = [registry[address] for address in registry.addresses]
    return [(command.usage, command.summary) for command in commands]


SCRIPTS = {
    "bash": """\
# source <(sdaudio completion bash)
_sdaudio() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    COMPREPLY+=("$(printf %q "$word")")
  done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _sdaudio sdaudio
""",
    "zsh": """\
# source <(sdaudio completion zsh)
_sdaudio() {
  local -a found
  local word text
  while IFS=$'\\t' read -r word text; do
    found+=("${word//:/\\\\:}:$text")
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#found )); then _describe sdaudio found; else _files; fi
}
compdef _sdaudio sdaudio
""",
    "fish": """\
# sdaudio completion fish | source
function __sdaudio_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c sdaudio -f -a '(__sdaudio_complete)'
""",
}
