// Written by patches/max/source from the colours of the Pd patches. See there.

"use strict";

var VIRIDIS = [
    [0.267, 0.005, 0.329],
    [0.279, 0.175, 0.483],
    [0.23, 0.322, 0.546],
    [0.173, 0.449, 0.558],
    [0.128, 0.567, 0.551],
    [0.158, 0.684, 0.502],
    [0.369, 0.789, 0.383],
    [0.678, 0.864, 0.19],
    [0.993, 0.906, 0.144]
];

exports.PAGE = [0.086, 0.094, 0.114];
exports.PANEL = [0.125, 0.141, 0.173];
exports.FIELD = [0.071, 0.078, 0.102];
exports.BUTTON = [0.208, 0.235, 0.290];
exports.TEXT = [0.910, 0.922, 0.941];
exports.QUIET = [0.604, 0.643, 0.710];
exports.ACTIVE = [0.337, 0.706, 0.914];
exports.WAITING = [0.902, 0.624, 0.000];
exports.BAD = [1.000, 0.439, 0.263];
exports.SELECTION = [1.000, 1.000, 1.000];
exports.PLAYHEAD = [1.000, 0.439, 0.263];

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
