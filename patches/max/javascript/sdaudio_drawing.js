// Draws a grid with the functions of mgraphics. Plain ES5; anything with the same functions will do.

"use strict";

var model = require("sdaudio_grid");
var colours = require("sdaudio_colours");

var FONT = "Arial";
var SMALL = 10;
var LABEL = 12;
var NUMBERS_FROM = 22; // pixels of a cell that has room for its number
var RULER_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
var RULER_ROOM = 44; // pixels between two numbers of the ruler
var GAP_FROM = 4; // pixels of a cell from which on there is a gap between two

/** Draw all of a grid. */
function draw(g, grid) {
    colour(g, colours.PAGE);
    box(g, 0, 0, grid.width, grid.height);
    g.select_font_face(FONT);
    if (grid.name !== "") {
        ruler(g, grid);
        for (var level = 0; level < grid.nLevels; level++) {
            row(g, grid, level);
            switches(g, grid, level);
        }
        selection(g, grid);
        cursor(g, grid);
        playhead(g, grid);
    }
    line(g, grid);
}

function row(g, grid, level) {
    var top = grid.yOf(level), height = grid.rowHeight() - 1;
    var gap = grid.cell >= GAP_FROM ? 1 : 0;
    var stop = Math.min(grid.nColumns, Math.ceil(grid.first + grid.columnsInView()));
    // columns narrower than a pixel are drawn one for each pixel
    var step = Math.max(1, 1 / grid.cell);
    var isAbsent = isOut(grid, level);
    for (var at = Math.floor(grid.first); at < stop; at += step) {
        var column = Math.floor(at), shade = grid.shade(level, column);
        var x = Math.max(grid.xOf(column), model.LEFT);
        var width = Math.min(grid.xOf(column + step), grid.width) - x - gap;
        var fill = shade < 0 ? colours.FIELD : colours.codes(shade);
        colour(g, isAbsent ? faded(fill) : fill);
        box(g, x, top, Math.max(width, 0.5), height);
        if (grid.cell >= NUMBERS_FROM && shade >= 0 && height >= SMALL + 2) {
            colour(g, isAbsent ? colours.QUIET : colours.ink(fill));
            g.set_font_size(SMALL);
            text(g, x + 2, top + height / 2 + 4, String(grid.codes[level][column]));
        }
    }
}

/** Whether a level is not heard. */
function isOut(grid, level) {
    var anySolo = false;
    for (var other = 0; other < grid.nLevels; other++) {
        anySolo = anySolo || grid.soloed[other] === true;
    }
    return grid.muted[level] === true || (anySolo && grid.soloed[level] !== true);
}

function switches(g, grid, level) {
    var top = grid.yOf(level), height = grid.rowHeight() - 1, left = model.LEFT - 2 * model.SWITCH;
    colour(g, colours.PANEL);
    box(g, 0, top, model.LEFT - 1, height);
    colour(g, colours.TEXT);
    g.set_font_size(LABEL);
    text(g, 4, top + height / 2 + 4, short(grid.labelOf(level), 10));
    var letters = [["M", grid.muted[level]], ["S", grid.soloed[level]]];
    for (var place = 0; place < letters.length; place++) {
        var x = left + place * model.SWITCH;
        colour(g, letters[place][1] ? (place ? colours.WAITING : colours.BAD) : colours.BUTTON);
        box(g, x + 1, top + 2, model.SWITCH - 3, Math.min(height - 4, 16));
        colour(g, letters[place][1] ? colours.FIELD : colours.TEXT);
        g.set_font_size(SMALL);
        text(g, x + 5, top + 13, letters[place][0]);
    }
}

function ruler(g, grid) {
    var step = RULER_STEPS[RULER_STEPS.length - 1];
    for (var place = RULER_STEPS.length - 1; place >= 0; place--) {
        if (RULER_STEPS[place] * grid.cell >= RULER_ROOM) {
            step = RULER_STEPS[place];
        }
    }
    colour(g, colours.QUIET);
    g.set_font_size(SMALL);
    var stop = Math.min(grid.nColumns, grid.first + grid.columnsInView());
    for (var column = Math.ceil(grid.first / step) * step; column < stop; column += step) {
        var x = grid.xOf(column);
        box(g, x, model.TOP - 4, 1, 4);
        text(g, x + 2, model.TOP - 6, String(column));
    }
}

function selection(g, grid) {
    var region = grid.selection;
    if (region) {
        frame(g, grid, region, colours.SELECTION, 2);
    }
}

function cursor(g, grid) {
    var at = grid.cursor;
    frame(g, grid, { level: at.level, levels: 1, column: at.column, columns: 1 },
        colours.ACTIVE, 2);
}

function frame(g, grid, region, rgb, width) {
    var left = Math.max(grid.xOf(region.column), model.LEFT);
    var right = Math.min(grid.xOf(region.column + region.columns), grid.width);
    if (right <= left) {
        return;
    }
    var top = grid.yOf(region.level);
    colour(g, rgb);
    g.set_line_width(width);
    g.rectangle(left, top, Math.max(right - left - 1, 2), region.levels * grid.rowHeight() - 1);
    g.stroke();
}

function playhead(g, grid) {
    var x = grid.xOf(grid.head);
    if (grid.head >= 0 && x >= model.LEFT && x < grid.width) {
        colour(g, colours.PLAYHEAD);
        box(g, x - 1, model.TOP - 4, 2, grid.height - model.TOP - model.BOTTOM + 4);
    }
}

function line(g, grid) {
    colour(g, grid.text === "" ? colours.QUIET : colours.WAITING);
    g.set_font_size(SMALL);
    var name = grid.name === "" ? "" : grid.name + "   " + grid.model + "   ";
    text(g, 4, grid.height - 4, name + grid.line());
}

/** A colour of what is not heard. */
function faded(rgb) {
    var mixed = [];
    for (var part = 0; part < 3; part++) {
        mixed.push(0.25 * rgb[part] + 0.75 * colours.PANEL[part]);
    }
    return mixed;
}

function short(label, most) {
    return label.length > most ? label.slice(0, most - 1) + "." : label;
}

function colour(g, rgb) {
    g.set_source_rgba(rgb[0], rgb[1], rgb[2], 1);
}

function box(g, x, y, width, height) {
    g.rectangle(x, y, width, height);
    g.fill();
}

function text(g, x, y, words) {
    g.move_to(x, y);
    g.show_text(words);
}

exports.draw = draw;
