"""The reference page of the OSC commands, rendered from the command table."""

from itertools import groupby

from .commands import SECTIONS
from .commands.examples import example_of
from .registry import Command, Registry, section_of

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
- Subscribers hear `/sda/model/state`, `/sda/model/added <model>` and `/sda/model/removed <model>`
  when a model is copied, restored, renamed or deleted,
  `/sda/grid/state <grid> <model> <levels> <columns>
  <codebook size> <revision> <level name...>` when a grid opens, is resized or relabelled,
  `/sda/grid/codes <grid> <revision> <level> <column> <code...>` for what changed (a change of more
  than 4096 codes is told by `/sda/grid/state` alone: read again what you show),
  `/sda/grid/sound <grid> <column> <columns>` when the sound of these columns is up to date,
  `/sda/grid/levels <grid> <level> <muted> <soloed>`, `/sda/grid/closed <grid>`,
  `/sda/blend/state <grid> <level> <levels> <column> <columns> <amount>` and
  `/sda/blend/ended <grid> <level> <levels> <column> <columns>`,
  `/sda/template/state <template> <model> <level> <levels> <columns>` and
  `/sda/template/deleted <template>`,
  `/sda/play/state <grid> <playing>`, `/sda/play/head <grid> <column> <fraction>`,
  `/sda/play/row/state <grid> <level> <playing>` and
  `/sda/play/row/head <grid> <level> <column> <fraction>` for a level that plays alone,
  `/sda/play/mix <grid> <dB> <speed>`, `/sda/play/gain <dB>`,
  `/sda/play/tempo <bpm> <columns> <quantum>`, `/sda/play/device <device> <rate> <heard> <reason>`,
  `/sda/play/compare <grid> <original> <gain>` when a grid is heard as its original or again as it
  is,
  `/sda/grid/rendered <grid> <path> <revision> <frames> <rate> <peak>` when a file that follows a
  grid is complete, `/sda/packets/dropped <packets> <in all>` when packets were lost, and all job
  messages.
- Everything that is a value (the level of a mix, whether a grid plays, which levels are muted) also
  has an address of its own under `/sda/state` that can be read, followed and set; see
  [Discover](discover.md).
- A bundle runs at its timetag; one that comes more than 10 ms late runs at once, and its sender
  hears `/sda/late <seconds>`. Further ahead than a minute, or more than 1000 waiting, is refused.
  What it plays or stops (`/sda/play/grid`, `loop`, `row`, `column`, `code`, `stop`) it does
  `playback.lead_ms` (40) after the timetag, to the sample.
- A packet has at most 64 KiB and 1024 messages, an address pattern 256 characters. Patterns reach
  every command but `/sda/quit`.
- All messages in one bundle are one step to undo, and so is what one client edits between
  `/sda/grid/gesture 1` and `0`. What was answered is kept, also if the daemon is killed.
- The type of an argument is the OSC type tag it is best sent with: `i` a whole number, `f` a
  number, `s` a text. Hosts that send floats for whole numbers, or `T` and `F` or 0 and 1 for
  switches, are understood, and so is a lone `I` or `N` for a command that needs no arguments.
"""


def render_reference(registry: Registry) -> str:
    """Return the reference page as Markdown."""
    parts = [_HEAD]
    addresses = sorted(registry.addresses, key=lambda address: (section_of(address), address))
    for section, members in groupby(addresses, key=section_of):
        parts.append(f"## {section}\n\n{SECTIONS[section]}\n")
        parts.extend(_entry(registry[address]) for address in members)
    return "\n".join(parts)


def _entry(command: Command) -> str:
    lines = [f"### `{command.usage}`\n", command.manual.strip(), ""]
    if command.parameters:
        lines += ["| argument | type | meaning | allowed |", "|---|---|---|---|"]
        lines += [
            f"| {parameter.name} | {parameter.type_tag} | {parameter.spec.text} "
            f"| {parameter.allowed} |"
            for parameter in command.parameters
        ]
        lines.append("")
    if command.returns:
        kind = "Job; at the end" if command.is_job else "Answers"
        lines.append(f"{kind}: {command.returns}\n")
    lines.append(f"Example: `{example_of(command)}`\n")
    return "\n".join(lines)
