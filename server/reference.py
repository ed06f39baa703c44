"""The reference page of the OSC commands, rendered from the command table."""

from itertools import groupby

from .registry import Command, Registry

_HEAD = """\
# OSC reference

This page is rendered from the command table of the daemon (`sdaudio reference`); a test keeps it
true. Arguments in brackets are optional and may be given in order or as pairs of name and value
(`temperature 0.8 seed 7`).

- An immediate command answers `/sda/done <address> <results...>` or
  `/sda/fail <address> <code> <text>`; the codes are `usage`, `state`, `access`, `file`, `job`,
  `device` and `error`.
- A **job** answers at once `/sda/done <address> <job>`, then
  `/sda/job/progress <job> <fraction> <eta seconds> <text>`, and at the end exactly one of
  `/sda/job/done <job> <address> <results...>`, `/sda/job/failed <job> <address> <code> <text>` and
  `/sda/job/cancelled <job> <address>`. An eta below 0 means unknown.
- Subscribers hear `/sda/model/state`, `/sda/grid/state <grid> <model> <levels> <columns>
  <codebook size> <revision> <level name...>` when a grid opens, is resized or relabelled,
  `/sda/grid/codes <grid> <revision> <level> <column> <code...>` for what changed (a change of more
  than 4096 codes is told by `/sda/grid/state` alone: read again what you show),
  `/sda/grid/sound <grid> <column> <columns>` when the sound of these columns is up to date,
  `/sda/grid/levels <grid> <level> <muted> <soloed>`, `/sda/grid/closed <grid>`,
  `/sda/play/state <grid> <playing>`, `/sda/play/head <grid> <column>`, `/sda/play/gain <dB>`,
  `/sda/packets/dropped <packets> <in all>` when packets were lost, and all job messages.
- Everything that is a value (the level of a mix, whether a grid plays, which levels are muted) also
  has an address of its own under `/sda/state` that can be read, followed and set.
- A bundle runs at its timetag; one that comes more than 10 ms late runs at once, and its sender
  hears `/sda/late <seconds>`. Further ahead than a minute, or more than 1000 waiting, is refused.
- A packet has at most 64 KiB and 1024 messages, an address pattern 256 characters. Patterns reach
  every command but `/sda/quit`.
- All messages in one bundle are one step to undo.
- Numbers: hosts that send floats for whole numbers, or 0 and 1 for switches, are understood.
"""


def render_reference(registry: Registry) -> str:
    """Return the reference page as Markdown."""
    parts = [_HEAD]
    commands = [registry[address] for address in registry.addresses]
    for group, members in groupby(commands, key=_group):
        parts.append(f"## {group}\n")
        parts.extend(_entry(command) for command in members)
    return "\n".join(parts)


def _group(command: Command) -> str:
    words = command.address.split("/")
    return f"/sda/{words[2]}" if len(words) > 3 else "/sda"


def _entry(command: Command) -> str:
    lines = [f"### `{command.usage}`\n", command.manual.strip(), ""]
    if command.parameters:
        lines += ["| argument | meaning | allowed |", "|---|---|---|"]
        for parameter in command.parameters:
            allowed = parameter.range_text
            if parameter.spec.unit:
                allowed += f" {parameter.spec.unit}"
            if not parameter.required and not parameter.variadic:
                allowed += f", default {_shown(parameter.default)}"
            lines.append(f"| {parameter.name} | {parameter.spec.text} | {allowed} |")
        lines.append("")
    if command.returns:
        kind = "Job; at the end" if command.is_job else "Answers"
        lines.append(f"{kind}: {command.returns}\n")
    return "\n".join(lines)


def _shown(default: object) -> str:
    if default == "":
        return "empty"
    return f"{int(default)}" if isinstance(default, bool) else f"{default}"
