"""Writes Max patchers (.maxpat): boxes, patch cords, presentation mode."""

import json
from dataclasses import dataclass, field
from typing import Any

TEXT_COLOUR = [0.909804, 0.921569, 0.941176, 1.0]
PAGE_COLOUR = [0.086275, 0.094118, 0.113725, 1.0]
PANEL_COLOUR = [0.12549, 0.141176, 0.172549, 1.0]

Rect = tuple[float, float, float, float]
_LINE = 22.0
_CHARACTER = 6.6


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet of a box; ``outlet >> box`` draws a patch cord to its first inlet."""

    patcher: "Patcher"
    box: "Box"
    number: int

    def __rshift__(self, other: "Box | Inlet") -> "Box":
        """Draw a patch cord; returns the box it goes to."""
        inlet = other if isinstance(other, Inlet) else other.inlet(0)
        self.patcher.connect(self.box.id, self.number, inlet.box.id, inlet.number)
        return inlet.box


@dataclass(frozen=True, slots=True)
class Inlet:
    """An inlet of a box."""

    box: "Box"
    number: int


@dataclass(frozen=True, slots=True)
class Box:
    """A box; ``box[1]`` is its second outlet."""

    patcher: "Patcher"
    id: str

    def __getitem__(self, number: int) -> Outlet:
        """Return an outlet."""
        return Outlet(self.patcher, self, number)

    def inlet(self, number: int) -> Inlet:
        """Return an inlet."""
        return Inlet(self, number)

    def __rshift__(self, other: "Box | Inlet") -> "Box":
        """Draw a patch cord from the first outlet."""
        return self[0] >> other


@dataclass
class Patcher:
    """A patcher.

    Args:
        width: of its window, or of what a bpatcher shows of it.
        height: likewise.
        is_presented: whether it opens in presentation mode.
        devicewidth: what Live gives a device; 0 is no device.
    """

    width: float
    height: float
    is_presented: bool = True
    devicewidth: float = 0.0
    boxes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def obj(
        self,
        text: str,
        x: float,
        y: float,
        *,
        inlets: int = 1,
        outlets: int = 1,
        types: list[str] | None = None,
    ) -> Box:
        """Add an object."""
        rect = (x, y, width_of(text), _LINE)
        return self.box("newobj", rect, inlets, outlets, types=types, text=text)

    def live(
        self,
        maxclass: str,
        name: str,
        rect: Rect,
        shown: Rect,
        *,
        kind: str,
        types: list[str],
        limits: tuple[float, float] = (0.0, 1.0),
        start: float = 0.0,
        **attributes: object,
    ) -> Box:
        """Add a parameter that Live shows, saves, maps and automates.

        Args:
            maxclass: live.dial and so on.
            name: what Live calls it.
            rect: where it is in the patcher.
            shown: where it is in presentation mode.
            kind: "number" or "toggle".
            types: of its outlets.
            limits: the least and the most of a number.
            start: what it is at first.
            attributes: all else.
        """
        value: dict[str, object] = {
            "parameter_longname": name, "parameter_shortname": name,
            "parameter_initial_enable": 1, "parameter_initial": [start],
        }  # fmt: skip
        if kind == "number":
            value |= {"parameter_type": 0, "parameter_unitstyle": 1,
                      "parameter_mmin": limits[0], "parameter_mmax": limits[1]}  # fmt: skip
        else:
            value |= {"parameter_type": 2, "parameter_enum": ["off", "on"],
                      "parameter_mmax": 1}  # fmt: skip
        return self.box(
            maxclass, rect, 1, len(types), shown=shown, types=types, varname=name,
            parameter_enable=1, saved_attribute_attributes={"valueof": value}, **attributes,
        )  # fmt: skip

    def message(self, text: str, x: float, y: float, **attributes: object) -> Box:
        """Add a message box."""
        return self.box("message", (x, y, width_of(text), _LINE), 2, 1, text=text, **attributes)

    def comment(
        self, text: str, rect: Rect, *, shown: Rect | None = None, **attributes: object
    ) -> Box:
        """Add a comment."""
        return self.box("comment", rect, 1, 0, text=text, shown=shown, **attributes)

    def box(
        self,
        maxclass: str,
        rect: Rect,
        inlets: int,
        outlets: int,
        *,
        shown: Rect | None = None,
        types: list[str] | None = None,
        **attributes: object,
    ) -> Box:
        """Add any box.

        Args:
            maxclass: its class.
            rect: where it is in the patcher, (x, y, width, height).
            inlets: how many it has.
            outlets: how many it has.
            shown: where it is in presentation mode; None is not there.
            types: of its outlets.
            attributes: all else.
        """
        name = f"obj-{len(self.boxes) + 1}"
        record: dict[str, Any] = {
            "id": name, "maxclass": maxclass, "numinlets": inlets, "numoutlets": outlets,
            "patching_rect": [*rect],
        }  # fmt: skip
        if outlets:
            record["outlettype"] = types or [""] * outlets
        if shown is not None:
            record |= {"presentation": 1, "presentation_rect": [*shown]}
        record |= attributes
        self.boxes.append({"box": dict(sorted(record.items()))})
        return Box(self, name)

    def part(
        self,
        name: str,
        args: list[str | int],
        rect: Rect,
        shown: Rect | None,
        outlets: int,
    ) -> Box:
        """Add a part of the package, seen in a bpatcher.

        Args:
            name: of the part.
            args: what its #1, #2 ... are.
            rect: where it is in the patcher.
            shown: where it is in presentation mode.
            outlets: how many it has.
        """
        return self.box(
            "bpatcher", rect, 1, outlets, shown=shown, name=f"{name}.maxpat", args=args, bgmode=0,
            border=0, clickthrough=0, enablehscroll=0, enablevscroll=0, lockeddragscroll=0,
            offset=[0.0, 0.0], viewvisibility=1,
        )  # fmt: skip

    def background(self, colour: list[float]) -> Box:
        """Lay a colour behind all that is presented."""
        return self.box(
            "panel", (0, 0, 10, 10), 1, 0, shown=(0, 0, self.width, self.height), bgcolor=colour,
            background=1, mode=0,
        )  # fmt: skip

    def label(self, text: str, rect: Rect, shown: Rect) -> Box:
        """Add words that are presented."""
        return self.comment(text, rect, shown=shown, textcolor=TEXT_COLOUR)

    def connect(self, source: str, outlet: int, destination: str, inlet: int) -> None:
        """Draw a patch cord."""
        line = {"destination": [destination, inlet], "source": [source, outlet]}
        self.lines.append({"patchline": line})

    def text(self) -> str:
        """Return the file."""
        return json.dumps(self.whole(), indent=1) + "\n"

    def whole(self) -> dict[str, Any]:
        """Return what stands in the file."""
        patcher = {
            "fileversion": 1,
            "appversion": {"major": 8, "minor": 0, "revision": 0, "architecture": "x64",
                           "modernui": 1},
            "classnamespace": "box",
            "rect": [80.0, 100.0, self.width, self.height],
            "bglocked": 0,
            "openinpresentation": int(self.is_presented),
            "default_fontsize": 12.0,
            "default_fontface": 0,
            "default_fontname": "Arial",
            "gridonopen": 1,
            "gridsize": [15.0, 15.0],
            "boxes": self.boxes,
            "lines": self.lines,
            "dependency_cache": [],
            "autosave": 0,
        }  # fmt: skip
        if self.devicewidth:
            patcher["devicewidth"] = self.devicewidth
        return {"patcher": patcher}


def width_of(text: str) -> float:
    """How wide a box with a text is."""
    return max(40.0, round(len(text) * _CHARACTER + 16.0))
