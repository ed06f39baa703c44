// [jsui] and [v8ui]: a grid of codes to see, hear and edit. What it does is in sdaudio_grid.js, how
// it looks in sdaudio_drawing.js; this passes on what Max says and what the daemon is to be told.
//
// In: all that comes from sda.client, "connected 1", "take NAME PLACE", "show NAME", "play", "fit",
// "heat", key codes as "key ASCII" and "modifiers BITS". Out, left to right: messages for the daemon;
// the name of the grid; what is selected, "GRID LEVEL LEVELS COLUMN COLUMNS", no columns for nothing.

autowatch = 1;
inlets = 1;
outlets = 3;

var grids = require("sdaudio_grid");
var drawing = require("sdaudio_drawing");

var SHIFT = 512;
var KEYS = {
    8: "delete", 13: "enter", 27: "escape", 28: "left", 29: "right", 30: "up", 31: "down",
    32: "space", 127: "delete"
};

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var grid = new grids.Grid();
var shown = "";
var selected = "";
var shift = false;
var refresh = new Task(function () { mgraphics.redraw(); });

resized();

function resized() {
    grid.resize(mgraphics.size[0], mgraphics.size[1]);
}

// However fast codes and playheads come, the picture is drawn at most 50 times a second.
function update(changes) {
    flush();
    if (changes && !refresh.running) {
        refresh.schedule(20);
    }
}
update.local = 1;

// Told again when it is touched: panels act on the grid that was touched last.
function touched() {
    outlet(1, "set", grid.name);
}
touched.local = 1;

function flush() {
    var messages = grid.out;
    grid.out = [];
    for (var place = 0; place < messages.length; place++) {
        outlet(0, messages[place]);
    }
    if (grid.name !== shown) {
        shown = grid.name;
        outlet(1, "set", shown);
    }
    var region = grid.selection || { level: 0, levels: 0, column: 0, columns: 0 };
    var words = [shown, region.level, region.levels, region.column, region.columns];
    if (shown !== "" && words.join() !== selected) {
        selected = words.join();
        outlet(2, words);
    }
}
flush.local = 1;

function anything() {
    update(grid.receive(messagename, arrayfromargs(arguments)));
}

function connected(is) {
    update(grid.connected(is === 1));
}

// The arguments of the abstraction; one that is not given is 0.
function take() {
    var words = arrayfromargs(arguments);
    var place = words.length > 1 ? words.pop() : 0;
    var name = words.join(" ");
    grid.take(name === "0" ? "" : name, place);
    update(true);
}

function show() {
    grid.take(arrayfromargs(arguments).join(" "), grid.place);
    update(true);
}

function play() {
    grid.play();
    update(false);
}

function fit() {
    grid.fit();
    update(true);
}

function heat(is) {
    grid.heat = is === 1;
    update(true);
}

// what [key] says of the other keys that are held
function modifiers(bits) {
    shift = (bits & SHIFT) !== 0;
}

function key(code) {
    var name = KEYS[code] || (code > 32 && code < 127 ? String.fromCharCode(code) : "");
    update(name !== "" && grid.key(name, shift));
}

function paint() {
    drawing.draw(mgraphics, grid);
}

function onclick(x, y, button, command, shifted) {
    touched();
    update(grid.press(x, y, shifted === 1 || shifted === true));
}

function ondrag(x, y, button) {
    update(button ? grid.drag(x, y) : grid.release());
}

function onwheel(x, y, dx, dy, command) {
    update(grid.wheel(x, dx, dy, command === 1 || command === true));
}

function onresize() {
    resized();
    update(true);
}
