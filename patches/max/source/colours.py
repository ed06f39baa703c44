"""The colours of the patches, for JavaScript; they are those of the Pd patches."""

import palette

_NAMES = (
    "PAGE", "PANEL", "FIELD", "BUTTON", "TEXT", "QUIET", "ACTIVE", "WAITING", "BAD", "SELECTION",
    "PLAYHEAD",
)  # fmt: skip
_CODE = """
// The colour of a code, 0 for the darkest to 1 for the brightest.
function codes(shade) {
    var place = shade * (VIRIDIS.length - 1);
    var low = Math.max(0, Math.min(Math.floor(place), VIRIDIS.length - 2));
    var near = VIRIDIS[low], far = VIRIDIS[low + 1], rgb = [];
    for (var part = 0; part < 3; part++) {
        rgb.push(near[part] + (far[part] - near[part]) * (place - low));
    }
    return rgb;
}

// The colour of text on a colour.
function ink(rgb) {
    var luminance = 0.21 * rgb[0] + 0.72 * rgb[1] + 0.07 * rgb[2];
    return luminance < 0.45 ? exports.TEXT : exports.FIELD;
}

exports.codes = codes;
exports.ink = ink;
"""


def colours() -> str:
    """Return the file."""
    lines = [
        "// Written by patches/max/source from the colours of the Pd patches. See there.",
        "",
        '"use strict";',
        "",
        "var VIRIDIS = [",
        ",\n".join(f"    [{red}, {green}, {blue}]" for red, green, blue in palette.VIRIDIS),
        "];",
        "",
    ]
    for name in _NAMES:
        text = getattr(palette, name).removeprefix("#")
        parts = ", ".join(f"{int(text[at : at + 2], 16) / 255:.3f}" for at in (0, 2, 4))
        lines.append(f"exports.{name} = [{parts}];")
    return "\n".join(lines) + "\n" + _CODE
