// A picture of a patcher in presentation mode, as SVG: every box that is presented, with what it shows.

"use strict";

function escaped(words) {
    return String(words).replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function rectangle([x, y, width, height], fill, more = "") {
    return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" ${more}/>`;
}

function words([x, y, , height], text, fill, left = 3) {
    return `<text x="${x + left}" y="${y + height / 2 + 4}" font-family="Arial" font-size="11" ` +
        `fill="${fill}">${escaped(text)}</text>`;
}

function colour(parts) {
    return `rgb(${parts.slice(0, 3).map((part) => Math.round(part * 255))})`;
}

function field(box, rect, text) {
    return rectangle(rect, "#333a45", 'rx="3"') + words(rect, text, "#e8ebf0", 6);
}

const LOOKS = {
    panel: (box, rect) => rectangle(rect, colour(box.record.bgcolor)),
    comment: (box, rect) => words(rect, box.shown ?? box.record.text, "#e8ebf0"),
    message: (box, rect) => field(box, rect, box.record.text),
    textbutton: (box, rect) => field(box, rect, box.record.text),
    "live.text": (box, rect) => field(box, rect, box.record.text),
    textedit: (box, rect) => field(box, rect, box.shown ?? ""),
    umenu: (box, rect) => field(box, rect, `${box.shown ?? ""} ▾`),
    number: (box, rect) => field(box, rect, box.shown ?? 0),
    flonum: (box, rect) => field(box, rect, box.shown ?? 0),
    toggle: (box, rect) => field(box, rect, box.shown ? "×" : ""),
    led: (box, [x, y, width, height]) => `<circle cx="${x + width / 2}" cy="${y + height / 2}" ` +
        `r="${width / 2 - 3}" fill="${box.shown ? "#2fbf8f" : "#444"}"/>`,
    slider: (box, [x, y, width, height]) => rectangle([x, y, width, height], "#12141a") +
        rectangle([x, y, width * (box.shown ?? 0), height], "#56b4e9"),
    "live.dial": (box, [x, y, width, height]) => `<circle cx="${x + width / 2}" ` +
        `cy="${y + height / 2}" r="14" fill="none" stroke="#56b4e9" stroke-width="3"/>` +
        words([x, y, width, 14], box.record.varname, "#e8ebf0"),
    jsui(box, [x, y]) {
        box.canvas.clear();
        box.context.paint();
        return `<g transform="translate(${x},${y})">${box.canvas.svg()}</g>`;
    },
    bpatcher: (box, [x, y, width, height]) => `<svg x="${x}" y="${y}" width="${width}" ` +
        `height="${height}">${inside(box.inside)}</svg>`,
};

function inside(patcher) {
    const presented = [...patcher.boxes.values()].filter((box) => box.record.presentation);
    presented.sort((one, other) => (other.record.background || 0) - (one.record.background || 0));
    return presented.map((box) => LOOKS[box.name](box, box.record.presentation_rect)).join("");
}

/** The whole picture. */
function picture(patcher) {
    const [, , width, height] = patcher.rect;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
        `${inside(patcher)}</svg>`;
}

module.exports = { picture };
