// One grid of codes as a patch sees it: what the daemon told, what is selected, what a hand does.
// Knows no Max and draws nothing. Plain ES5: it runs in [jsui], in [v8ui] and in node.

"use strict";

var BLOCK = 256; // codes in one /sda/grid/get
var MAX_LEVELS = 4;
var UNKNOWN = -1;
var LABELS = ["Structure", "Timbre", "Detail", "Rest"];
var LEFT = 106; // pixels of the names and switches of levels
var TOP = 18; // pixels of the ruler
var BOTTOM = 16; // pixels of the line of text
var SWITCH = 18; // pixels of a switch
var DRAG = 4; // pixels until a press is a drag
var MIN_CELL = 1;
var MAX_CELL = 64;

function Grid() {
    /** The name that was asked for; empty takes one of those that are open. */
    this.wanted = "";
    /** Which of them, 0 is the first. */
    this.place = 0;
    /** The names of all grids that are open, in the order in which they were heard of. */
    this.open = [];
    this.width = 600;
    this.height = 160;
    /** Messages for the daemon, each [address, argument, ...]; whoever sends them empties it. */
    this.out = [];
    this.text = "";
    this.isConnected = false;
    this.heat = false;
    this._forget();
}

Grid.prototype._forget = function () {
    this.name = "";
    this.model = "";
    this.nLevels = 0;
    this.nColumns = 0;
    this.codebookSize = 0;
    this.revision = -1;
    this.labels = [];
    this.codes = [];
    this.ranks = [];
    this.muted = [];
    this.soloed = [];
    this.asked = {};
    this.head = -1;
    this.isPlaying = false;
    this.first = 0;
    this.cell = 0;
    this.cursor = { level: 0, column: 0 };
    this.selection = null;
    this.typed = "";
    this.hand = null;
};

// -- what the daemon tells ------------------------------------------------------------------------

/** Take an answer or an event; returns whether it changes what is seen. */
Grid.prototype.receive = function (address, args) {
    if (address === "/sda/done") {
        return this._answered(args[0], args.slice(1));
    }
    if (address === "/sda/fail") {
        return this._failed(args[0], args[2]);
    }
    if (address === "/sda/grid/state") {
        return this._state(args);
    }
    if (address === "/sda/grid/closed") {
        return this._closed(args[0]);
    }
    if (this.name === "" || args[0] !== this.name) {
        return false;
    }
    switch (address) {
    case "/sda/grid/codes":
        this.revision = args[1];
        return this._put(args[2], args[3], args.slice(4));
    case "/sda/grid/levels":
        this.muted[args[1]] = args[2] === 1;
        this.soloed[args[1]] = args[3] === 1;
        return true;
    case "/sda/play/head":
        this.head = args[1] + args[2];
        return true;
    case "/sda/play/state":
        this.isPlaying = args[1] === 1;
        if (!this.isPlaying) {
            this.head = -1;
        }
        return true;
    }
    return false;
};

/** The daemon was found or lost. */
Grid.prototype.connected = function (is) {
    this.isConnected = is;
    if (!is) {
        this._forget();
        this.open = [];
        this.text = "no daemon";
    }
    return true;
};

/** Show a grid; an empty name is the one of the place among those that are open, 0 the first. */
Grid.prototype.take = function (name, place) {
    this.wanted = name;
    this.place = place;
    this._forget();
    if (this.isConnected) {
        this.out.push(["/sda/grid/list"]);
    }
};

Grid.prototype._closed = function (name) {
    var at = this.open.indexOf(name);
    if (at >= 0) {
        this.open.splice(at, 1);
    }
    if (name !== this.name) {
        return false;
    }
    this._forget();
    this.text = "closed";
    this.out.push(["/sda/grid/list"]);
    return true;
};

Grid.prototype._state = function (args) {
    if (this.open.indexOf(args[0]) < 0) {
        this.open.push(args[0]);
    }
    var wanted = this.wanted || this.open[this.place];
    if (this.name === "" && wanted === args[0]) {
        this.name = args[0];
    }
    if (args[0] !== this.name) {
        return false;
    }
    var isNew = this.model !== args[1] || this.nLevels !== args[2];
    this.model = args[1];
    this.nLevels = args[2];
    this.nColumns = args[3];
    this.codebookSize = args[4];
    this.revision = args[5];
    this.labels = args.slice(6);
    this.text = "";
    for (var level = 0; level < this.nLevels; level++) {
        var known = isNew ? [] : this.codes[level].slice(0, this.nColumns);
        while (known.length < this.nColumns) {
            known.push(UNKNOWN);
        }
        this.codes[level] = known;
        if (isNew) {
            this.ranks[level] = null;
            this.out.push(["/sda/code/ranks", this.model, level]);
        }
    }
    if (isNew) {
        this.muted = [];
        this.soloed = [];
    }
    this.cursor.level = Math.min(this.cursor.level, this.nLevels - 1);
    this.cursor.column = Math.min(this.cursor.column, this.nColumns - 1);
    this.selection = this._within(this.selection);
    if (isNew || this.cell <= 0) {
        this.fit();
    }
    // whatever was too large to be told in codes is asked for
    this.asked = {};
    this._look();
    return true;
};

Grid.prototype._answered = function (command, args) {
    if (command === "/sda/grid/get" && args[0] === this.name) {
        return this._put(args[1], args[2], args.slice(3));
    }
    if (command === "/sda/code/ranks" && args[0] === this.model && args[1] < this.nLevels) {
        this.ranks[args[1]] = args.slice(3);
        return true;
    }
    return false;
};

Grid.prototype._failed = function (command, text) {
    if (command.indexOf("/sda/grid/") !== 0 && command.indexOf("/sda/play/") !== 0) {
        return false;
    }
    this.text = String(text);
    if (command !== "/sda/grid/get") {
        // what was not carried out is not shown
        this.asked = {};
        this._look();
    }
    return true;
};

Grid.prototype._put = function (level, column, codes) {
    var row = this.codes[level];
    if (row === undefined) {
        return false;
    }
    // what is under the hand is ahead of what comes back
    var held = this.hand && this.hand.mode === "turn" && level === this.cursor.level ?
        this.cursor.column : -1;
    for (var place = 0; place < codes.length && column + place < row.length; place++) {
        if (column + place !== held) {
            row[column + place] = codes[place];
        }
    }
    return true;
};

/** Ask for the codes that are seen and not known, in whole blocks. */
Grid.prototype._look = function () {
    var stop = Math.min(this.nColumns, Math.ceil(this.first + this.columnsInView()) + 1);
    for (var level = 0; level < this.nLevels; level++) {
        for (var block = Math.floor(this.first / BLOCK); block * BLOCK < stop; block++) {
            var key = level + " " + block;
            if (!this.asked[key]) {
                this.asked[key] = true;
                var count = Math.min(BLOCK, this.nColumns - block * BLOCK);
                this.out.push(["/sda/grid/get", this.name, level, block * BLOCK, count]);
            }
        }
    }
};

// -- what is seen ---------------------------------------------------------------------------------

Grid.prototype.resize = function (width, height) {
    this.width = width;
    this.height = height;
    if (this.name !== "") {
        this._scroll(this.first);
    }
};

/** Zoom so that all columns are seen, or as many as there is room for. */
Grid.prototype.fit = function () {
    var room = Math.max(1, this.width - LEFT);
    this.cell = Math.min(Math.max(room / Math.max(1, this.nColumns), MIN_CELL), MAX_CELL);
    this._scroll(0);
};

/** Zoom by a factor around a place, so that what is there stays there. */
Grid.prototype.zoom = function (factor, x) {
    var column = this.first + (x - LEFT) / this.cell;
    this.cell = Math.min(Math.max(this.cell * factor, MIN_CELL), MAX_CELL);
    this._scroll(column - (x - LEFT) / this.cell);
};

/** Scroll by columns. */
Grid.prototype.scroll = function (columns) {
    this._scroll(this.first + columns);
};

Grid.prototype._scroll = function (first) {
    var last = Math.max(0, this.nColumns - this.columnsInView());
    this.first = Math.min(Math.max(first, 0), last);
    this._look();
};

/** How many columns there is room for, with a fraction. */
Grid.prototype.columnsInView = function () {
    return this.cell > 0 ? Math.max(1, this.width - LEFT) / this.cell : 0;
};

/** The height of a level, in pixels. */
Grid.prototype.rowHeight = function () {
    return Math.max(1, (this.height - TOP - BOTTOM) / Math.max(1, this.nLevels));
};

/** The pixel of a column's left edge. */
Grid.prototype.xOf = function (column) {
    return LEFT + (column - this.first) * this.cell;
};

/** The pixel of a level's upper edge. */
Grid.prototype.yOf = function (level) {
    return TOP + level * this.rowHeight();
};

/** From 0 (dark) to 1 (bright); -1 while it is not known. In heat mode how often a code is used. */
Grid.prototype.shade = function (level, column) {
    var code = this.codes[level][column];
    if (code === UNKNOWN || code === undefined) {
        return -1;
    }
    if (this.heat) {
        return this._usage(level)[code];
    }
    var ranks = this.ranks[level];
    var rank = ranks ? ranks[code] : code;
    return this.codebookSize > 1 ? rank / (this.codebookSize - 1) : 0;
};

/** How often each code of a level is used in the grid, 1 for the most used one. */
Grid.prototype._usage = function (level) {
    var counts = [], most = 1, row = this.codes[level];
    if (this._counted && this._counted.revision === this.revision &&
        this._counted.rows[level]) {
        return this._counted.rows[level];
    }
    for (var code = 0; code < this.codebookSize; code++) {
        counts.push(0);
    }
    for (var column = 0; column < row.length; column++) {
        if (row[column] !== UNKNOWN) {
            most = Math.max(most, ++counts[row[column]]);
        }
    }
    for (code = 0; code < counts.length; code++) {
        counts[code] /= most;
    }
    if (!this._counted || this._counted.revision !== this.revision) {
        this._counted = { revision: this.revision, rows: [] };
    }
    this._counted.rows[level] = counts;
    return counts;
};

/** What is at a place: {part: "cell" "ruler" "mute" "solo" "name" or "", level, column}. */
Grid.prototype.at = function (x, y) {
    var level = Math.floor((y - TOP) / this.rowHeight());
    var column = Math.floor(this.first + (x - LEFT) / this.cell);
    var isRow = this.name !== "" && level >= 0 && level < this.nLevels;
    var isColumn = this.name !== "" && column >= 0 && column < this.nColumns;
    var part = "";
    if (x >= LEFT && y < TOP && isColumn) {
        part = "ruler";
    } else if (isRow && x >= LEFT && isColumn) {
        part = "cell";
    } else if (isRow && x >= 0 && x < LEFT) {
        part = x >= LEFT - SWITCH ? "solo" : x >= LEFT - 2 * SWITCH ? "mute" : "name";
    }
    return { part: part, level: level, column: column };
};

// -- what a hand does -----------------------------------------------------------------------------

/** A mouse button goes down; with shift the selection grows. */
Grid.prototype.press = function (x, y, shift) {
    var place = this.at(x, y);
    this.hand = { x: x, y: y, place: place, mode: "press", shift: shift, rank: 0, sent: "" };
    this._enter();
    switch (place.part) {
    case "cell":
        if (shift) {
            this.selection = this._region(this.cursor, place);
            this.hand.mode = "select";
            this.hand.from = { level: this.cursor.level, column: this.cursor.column };
        } else {
            this.cursor = { level: place.level, column: place.column };
            this._hear();
        }
        return true;
    case "ruler":
        this.cursor.column = place.column;
        this.out.push(["/sda/play/column", this.name, place.column]);
        return true;
    case "mute":
        this.out.push(["/sda/grid/mute", this.name, place.level, this.muted[place.level] ? 0 : 1]);
        return false;
    case "solo":
        this.out.push(["/sda/grid/solo", this.name, place.level, this.soloed[place.level] ? 0 : 1]);
        return false;
    }
    return false;
};

/** The mouse moves with its button down. */
Grid.prototype.drag = function (x, y) {
    var hand = this.hand;
    if (!hand || (hand.place.part !== "cell" && hand.place.part !== "ruler")) {
        return false;
    }
    if (hand.mode === "press") {
        var right = Math.abs(x - hand.x), up = Math.abs(y - hand.y);
        if (Math.max(right, up) < DRAG) {
            return false;
        }
        hand.mode = hand.place.part === "ruler" || right > up ? "select" : "turn";
        hand.from = { level: hand.place.level, column: hand.place.column };
        if (hand.mode === "turn") {
            hand.start = this._rankOf(this.cursor.level, this.cursor.column);
            this.out.push(["/sda/grid/gesture", 1]);
        }
    }
    return hand.mode === "turn" ? this._turn(hand.y - y) : this._select(x, y);
};

/** The mouse button goes up. */
Grid.prototype.release = function () {
    if (this.hand && this.hand.mode === "turn") {
        this.out.push(["/sda/grid/gesture", 0]);
        this._hear();
    }
    this.hand = null;
    return true;
};

/** The wheel turns: up and down zoom with a key held, else both scroll. */
Grid.prototype.wheel = function (x, dx, dy, zooms) {
    if (this.name === "") {
        return false;
    }
    if (zooms) {
        this.zoom(Math.pow(1.25, dy), x);
    } else {
        this.scroll(-(dx || dy) * Math.max(1, this.columnsInView() / 16));
    }
    return true;
};

/** A key, by its name: one character, or left right up down space enter delete escape. */
Grid.prototype.key = function (key, shift) {
    if (this.name === "") {
        return false;
    }
    if (/^[0-9]$/.test(key)) {
        this.typed = (this.typed + key).slice(-4);
        return true;
    }
    var moves = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] };
    if (moves[key]) {
        this._enter();
        this._move(moves[key][0], moves[key][1], shift);
        return true;
    }
    switch (key) {
    case "enter":
        this._enter();
        return true;
    case "escape":
        this.typed = "";
        this.selection = null;
        return true;
    case "space":
        this.play();
        return true;
    case "z":
        this.out.push(["/sda/grid/undo", this.name]);
        return true;
    case "y":
        this.out.push(["/sda/grid/redo", this.name]);
        return true;
    case "c":
        this._region_command("/sda/grid/copy");
        return true;
    case "x":
        this._region_command("/sda/grid/cut");
        return true;
    case "delete":
        this._region_command("/sda/grid/clear");
        return true;
    case "v":
        this.out.push(["/sda/grid/paste", this.name, this.cursor.level, this.cursor.column]);
        return true;
    case "+":
        this._region_command("/sda/grid/step", "brighter");
        return true;
    case "-":
        this._region_command("/sda/grid/step", "darker");
        return true;
    case "f":
        this.fit();
        return true;
    case "h":
        this.heat = !this.heat;
        return true;
    }
    return false;
};

/** Loop what is selected, or all; stop when it plays. */
Grid.prototype.play = function () {
    if (this.name === "") {
        return;
    }
    if (this.isPlaying) {
        this.out.push(["/sda/play/stop", this.name]);
    } else if (this.selection) {
        this.out.push(["/sda/play/loop", this.name, this.selection.column, this.selection.columns]);
    } else {
        this.out.push(["/sda/play/loop", this.name]);
    }
};

/** What commands act on: the selection, or else the cell of the cursor. */
Grid.prototype.region = function () {
    return this.selection || this._region(this.cursor, this.cursor);
};

Grid.prototype._region_command = function (address, more) {
    var region = this.region();
    var message = [address, this.name, region.level, region.levels, region.column, region.columns];
    this.out.push(more === undefined ? message : message.concat([more]));
};

/** Write the typed code into all that is selected, or into the cell of the cursor. */
Grid.prototype._enter = function () {
    if (this.typed === "") {
        return;
    }
    var code = parseInt(this.typed, 10), region = this.region();
    this.typed = "";
    if (code >= this.codebookSize) {
        this.text = "There is no code " + code + "; there are 0 to " + (this.codebookSize - 1) + ".";
        return;
    }
    if (region.levels === 1 && region.columns === 1) {
        this.out.push(["/sda/grid/set", this.name, region.level, region.column, code]);
    } else {
        this.out.push(["/sda/grid/fill", this.name, region.level, region.levels, region.column,
            region.columns, code]);
    }
};

Grid.prototype._move = function (down, right, shift) {
    var before = { level: this.cursor.level, column: this.cursor.column };
    this.cursor.level = Math.min(Math.max(before.level + down, 0), this.nLevels - 1);
    this.cursor.column = Math.min(Math.max(before.column + right, 0), this.nColumns - 1);
    if (shift) {
        this.anchor = this.selection ? this.anchor : before;
        this.selection = this._region(this.anchor, this.cursor);
    } else {
        this.selection = null;
        this._hear();
    }
    if (this.cursor.column < this.first) {
        this._scroll(this.cursor.column);
    } else if (this.cursor.column + 1 > this.first + this.columnsInView()) {
        this._scroll(this.cursor.column + 1 - this.columnsInView());
    }
};

Grid.prototype._hear = function () {
    var code = this.codes[this.cursor.level][this.cursor.column];
    if (code !== UNKNOWN) {
        this.out.push(["/sda/play/code", this.model, this.cursor.level, code]);
    }
};

Grid.prototype._rankOf = function (level, column) {
    var code = this.codes[level][column];
    return this.ranks[level] ? this.ranks[level][code] : code;
};

/** Turn the code of the cursor: a pixel is the next code by brightness. */
Grid.prototype._turn = function (up) {
    var level = this.cursor.level, ranks = this.ranks[level];
    var rank = Math.min(Math.max(this.hand.start + Math.round(up), 0), this.codebookSize - 1);
    var code = ranks ? ranks.indexOf(rank) : rank;
    if (code < 0 || code === this.codes[level][this.cursor.column]) {
        return false;
    }
    this.codes[level][this.cursor.column] = code;
    this.out.push(["/sda/grid/set", this.name, level, this.cursor.column, code]);
    return true;
};

Grid.prototype._select = function (x, y) {
    var place = this.at(Math.min(Math.max(x, LEFT), this.width - 1), y);
    var isRuler = this.hand.place.part === "ruler";
    var to = {
        level: isRuler ? this.nLevels - 1 : Math.min(Math.max(place.level, 0), this.nLevels - 1),
        column: Math.min(Math.max(place.column, 0), this.nColumns - 1)
    };
    var from = { level: isRuler ? 0 : this.hand.from.level, column: this.hand.from.column };
    this.anchor = from;
    this.selection = this._region(from, to);
    return true;
};

Grid.prototype._region = function (one, other) {
    return {
        level: Math.min(one.level, other.level),
        levels: Math.abs(one.level - other.level) + 1,
        column: Math.min(one.column, other.column),
        columns: Math.abs(one.column - other.column) + 1
    };
};

Grid.prototype._within = function (region) {
    if (!region || region.column >= this.nColumns || region.level >= this.nLevels) {
        return null;
    }
    region.columns = Math.min(region.columns, this.nColumns - region.column);
    region.levels = Math.min(region.levels, this.nLevels - region.level);
    return region;
};

/** The line below the grid: what went wrong, what is typed, or what the cursor is on. */
Grid.prototype.line = function () {
    if (this.typed !== "") {
        return "code " + this.typed + " _   Return writes it, Escape does not";
    }
    if (this.text !== "" || this.name === "") {
        return this.text;
    }
    var code = this.codes[this.cursor.level][this.cursor.column];
    var where = this.labelOf(this.cursor.level) + " " + this.cursor.column + "   code " +
        (code === UNKNOWN ? "..." : code);
    var region = this.selection;
    return where + (region ? "   selected " + region.levels + " x " + region.columns : "");
};

/** The name of a level. */
Grid.prototype.labelOf = function (level) {
    return this.labels[level] || LABELS[level] || "level " + level;
};

exports.Grid = Grid;
exports.LEFT = LEFT;
exports.TOP = TOP;
exports.BOTTOM = BOTTOM;
exports.SWITCH = SWITCH;
exports.MAX_LEVELS = MAX_LEVELS;
exports.UNKNOWN = UNKNOWN;
