"""The reference pages of the command line and of the settings, and ``config/default.yaml``.

All are written from where they are true: the parsers, and what stands under each setting.
"""

import argparse
import ast
import dataclasses
import inspect
import itertools
import textwrap
import typing
from collections.abc import Iterator, Mapping

from sdaudio.settings import Settings, yaml_value

_WIDTH = 92
_CLI_HEAD = """\
# The command line

Written by `sdaudio reference cli` from the program itself; `sdaudio COMMAND --help` says the same.

- Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon answers, 130 ended with Ctrl-C.
  `sdaudio grid diff` exits with 1 when two documents differ, as `diff` does.
- Results go to the standard output, all else to the error output; bars are drawn in terminals only.
- `--json` prints one JSON object or list, for programs.
- `--server` lets the running daemon do it, at the configured port or at HOST:PORT.
- Every command takes `--config FILE` and `--verbose` before its name.
- `sdaudio completion bash|zsh|fish` prints what lets Tab complete all of this.
"""
_CONFIG_HEAD = """\
# Settings

Written by `sdaudio reference config` from the program itself.

Settings are read at the start, each layer over the one before: the defaults; your own file
(`sdaudio config path` says where); `sdaudio.yaml` in the folder you are in, for a project; the file
behind `--config`; the options of the command. A file says only what it changes:

```yaml
server:
  port: 5640
training:
  preset: standard
```

`sdaudio config show` prints what counts now, and from where. `sdaudio config defaults` prints a
file with everything in it, which is [config/default.yaml](../config/default.yaml). A key that is
not known, or a value that is not allowed, is an error that says what is. `SDAUDIO_CONFIG` names
another file as your own.
"""
_YAML_HEAD = """\
# Every setting of sdaudio with its default; written by: sdaudio config defaults
# Copy what you want to change into your own file (its place: sdaudio config path).
"""


def cli_page(parser: argparse.ArgumentParser) -> str:
    """Return the page of the command line as Markdown."""
    parts = [_CLI_HEAD]
    for name, text, command in _commands(parser):
        parts.append(f"## sdaudio {name}\n\n{_sentence(command.description or text)}\n")
        inner = list(_commands(command))
        parts.append(_table(command))
        for below, about, one in inner:
            parts.append(f"### sdaudio {name} {below}\n\n{_sentence(about)}\n")
            if one.usage:
                parts.append(f"`{one.usage}`\n")
            parts.append(_table(one))
    return "\n".join(part for part in parts if part)


def config_page() -> str:
    """Return the page of the settings as Markdown."""
    parts = [_CONFIG_HEAD]
    for section, kind in _sections():
        lines = [f"## {section}\n", f"{(kind.__doc__ or '').splitlines()[0]}\n"]
        lines += ["| key | default | allowed | meaning |", "|---|---|---|---|"]
        told = documented(kind)
        for field in dataclasses.fields(kind):
            default = yaml_value(field.default)
            cells = (f"`{field.name}`", f"`{default}`", _allowed(kind, field), told[field.name])
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join([*lines, ""]))
    return "\n".join(parts)


def default_yaml() -> str:
    """Return a file with every setting, its default, and what it means."""
    lines = [_YAML_HEAD]
    for section, kind in _sections():
        lines.append(f"{section}:")
        told = documented(kind)
        for field in dataclasses.fields(kind):
            about = textwrap.wrap(told[field.name], _WIDTH, break_long_words=False)
            lines += [f"  # {line}" for line in about]
            lines.append(f"  {field.name}: {yaml_value(field.default)}")
        lines.append("")
    return "\n".join(lines)


def documented(kind: type) -> Mapping[str, str]:
    """Return what stands under each field of a dataclass of settings, as one line each."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    told: dict[str, str] = {}
    for declared, text in itertools.pairwise(tree.body if isinstance(tree, ast.ClassDef) else []):
        if (
            isinstance(declared, ast.AnnAssign)
            and isinstance(declared.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            told[declared.target.id] = " ".join(str(text.value.value).split()).replace("``", "`")
    return told


def _sections() -> Iterator[tuple[str, type]]:
    hints = typing.get_type_hints(Settings)
    for field in dataclasses.fields(Settings):
        yield field.name, hints[field.name]


def _allowed(kind: type, field: "dataclasses.Field[object]") -> str:
    words = field.metadata.get("words", {})
    if "range" in field.metadata:
        low, high = field.metadata["range"]
        low = 0 if words else low
        return f"{low:g} to {high:g}" + "".join(f", {word}" for word in words)
    if "allowed" in field.metadata:
        return ", ".join(field.metadata["allowed"])
    hint = typing.get_type_hints(kind)[field.name]
    return {bool: "true, false", str: "a text", int: "a whole number"}.get(hint, "a list of texts")


def _commands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            # those without a help text are for scripts
            for shown in action._choices_actions:
                yield shown.dest, shown.help or "", action.choices[shown.dest]


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


def _table(parser: argparse.ArgumentParser) -> str:
    rows = []
    for action in parser._actions:
        text = (action.help or "").replace("%(default)s", str(action.default))
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction) or not text:
            continue
        rows.append(f"| `{_written(action)}` | {text.replace('|', ' or ')} |")
    return "\n".join(["| | |", "|---|---|", *rows, ""]) if rows else ""


def _written(action: argparse.Action) -> str:
    """Return an argument as a person writes it."""
    value = str(action.metavar or action.dest.upper())
    if isinstance(action.choices, tuple | list) and not action.metavar:
        value = " or ".join(map(str, action.choices))
    if not action.option_strings:
        return f"{value} ..." if action.nargs in ("*", "+") else value
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {value}"
