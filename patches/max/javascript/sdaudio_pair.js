// What two grids do together: swap and blend. The region that was selected last is the one; the
// other is the grid that was touched before that, at the column that is selected there.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

var BLEND_EVERY_MS = 20;

function Pair() {
    this.out = [];
    this.ui = [];
    this.later = [];
    /** Grids, the one that was touched last first. */
    this.touched = [];
    this.here = null;
    /** The first selected column of each grid. */
    this.columns = {};
    this.amount = null;
    this.waits = false;
}

Pair.prototype.connected = function (is) {
    if (!is) {
        this.touched = [];
        this.here = null;
        this.columns = {};
        this._tell();
    }
};

Pair.prototype.receive = function (address, args) {
    if (address === "/sda/grid/closed") {
        this.touched = this.touched.filter(function (name) { return name !== args[0]; });
        if (this.here && this.here.grid === args[0]) {
            this.here = null;
        }
        this._tell();
    } else if (address === "/sda/grid/state" && this.touched.indexOf(args[0]) < 0) {
        this.touched.push(args[0]);
        this._tell();
    } else if (address === "/sda/done" && args[0] === "/sda/blend/set") {
        this.ui.push(["text", "set", "lands " + (Math.round(100 * args[2]) / 100) +
            " from the codes"]);
    } else if (address === "/sda/fail" && (args[0] === "/sda/grid/swap" ||
        String(args[0]).indexOf("/sda/blend/") === 0)) {
        this.ui.push(["text", "set", String(args[2])]);
    }
};

Pair.prototype.say = function (words) {
    switch (words[0]) {
    case "region":
        this._region(words.slice(1));
        break;
    case "swap":
        this._swap();
        break;
    case "amount":
        this._blend(words[1]);
        break;
    case "blend":
        this.waits = false;
        if (this.amount !== null) {
            this._blend(this.amount);
        }
        break;
    case "keep":
        this._end("/sda/blend/commit");
        break;
    case "cancel":
        this._end("/sda/blend/cancel");
        break;
    }
};

/** A grid says what is selected in it: name level levels column columns; no columns is nothing. */
Pair.prototype._region = function (words) {
    var grid = String(words[0]);
    this.touched = [grid].concat(this.touched.filter(function (name) { return name !== grid; }));
    if (words[4] > 0) {
        this.here = { grid: grid, level: words[1], levels: words[2], column: words[3],
            columns: words[4] };
        this.columns[grid] = words[3];
    } else {
        delete this.columns[grid];
        if (this.here && this.here.grid === grid) {
            this.here = null;
        }
    }
    this._tell();
};

/** The other grid; "" where there is none. */
Pair.prototype.there = function () {
    for (var place = 0; place < this.touched.length; place++) {
        if (this.here && this.touched[place] !== this.here.grid) {
            return this.touched[place];
        }
    }
    return "";
};

Pair.prototype._tell = function () {
    var here = this.here, there = this.there();
    this.ui.push(["pair", "set", here && there !== "" ? here.grid + " " + here.levels + " x " +
        here.columns + " from " + here.column + " with " + there + " from " + this._column(there) :
        "Select a region in one of two grids."]);
};

Pair.prototype._column = function (there) {
    return this.columns[there] === undefined ? this.here.column : this.columns[there];
};

Pair.prototype._isReady = function () {
    if (!this.here || this.there() === "") {
        this.ui.push(["text", "set", "Select a region in one of two grids first."]);
        return false;
    }
    return true;
};

Pair.prototype._swap = function () {
    var here = this.here, there = this.there();
    if (this._isReady()) {
        this.out.push(["/sda/grid/swap", here.grid, there, here.level, here.levels, here.column,
            this._column(there), here.columns]);
    }
};

/** However fast a slider moves, the newest amount is sent every 20 ms. */
Pair.prototype._blend = function (amount) {
    var here = this.here, there = this.there();
    this.amount = amount;
    if (this.waits || !this._isReady()) {
        return;
    }
    this.out.push(["/sda/blend/set", here.grid, there, here.level, here.levels, here.column,
        here.columns, amount, this._column(there)]);
    this.amount = null;
    this.waits = true;
    this.later.push([BLEND_EVERY_MS, ["blend"]]);
};

Pair.prototype._end = function (command) {
    this.amount = null;
    if (this.here) {
        this.out.push([command, this.here.grid]);
    }
    this.ui.push(["amount", "set", 0]);
};

exports.Panel = Pair;
