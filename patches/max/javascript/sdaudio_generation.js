// The prior: new codes for the grid that was touched last.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

var JOBS = ["/sda/prior/continue", "/sda/prior/infill", "/sda/prior/vary", "/sda/prior/sample"];
var CHANCES = ["temperature", "top_k", "top_p", "seed"];

function Generation() {
    this.out = [];
    this.ui = [];
    this.grid = "";
    this.grids = {};
    this.seconds = 4;
    this.amount = 0.5;
    this.chances = { temperature: 1, top_k: 0, top_p: 0.9, seed: -1 };
    this.job = 0;
}

Generation.prototype.connected = function (is) {
    if (!is) {
        this.grid = "";
        this.grids = {};
        this.job = 0;
    }
};

Generation.prototype.say = function (words) {
    var what = words[0], value = words[1];
    if (CHANCES.indexOf(what) >= 0) {
        this.chances[what] = value;
    } else if (what === "seconds" || what === "amount") {
        this[what] = value;
    } else if (what === "cancel") {
        if (this.job) {
            this.out.push(["/sda/job/cancel", this.job]);
        }
    } else if (what === "touched") {
        this.grid = words.slice(2).join(" ");
        this.ui.push(["grid", "set", this.grid]);
    } else if (!this.grids[this.grid]) {
        this.ui.push(["text", "set", "Touch a grid first."]);
    } else {
        this._draw(what);
    }
};

Generation.prototype._draw = function (what) {
    var size = this.grids[this.grid];
    var all = [this.grid, 0, size.levels, 0, size.columns];
    var commands = {
        "continue": ["/sda/prior/continue", this.grid, size.columns, this.seconds],
        infill: ["/sda/prior/infill"].concat(all),
        vary: ["/sda/prior/vary"].concat(all, [this.amount]),
        sample: ["/sda/prior/sample", this.grid, size.model, this.seconds]
    };
    var message = commands[what];
    if (message === undefined) {
        return;
    }
    for (var place = 0; place < CHANCES.length; place++) {
        message = message.concat([CHANCES[place], this.chances[CHANCES[place]]]);
    }
    this.out.push(message);
};

Generation.prototype.receive = function (address, args) {
    if (address === "/sda/grid/state") {
        this.grids[args[0]] = { model: args[1], levels: args[2], columns: args[3] };
        if (this.grid === "") {
            this.say(["touched", "set", args[0]]);
        }
    } else if (address === "/sda/grid/closed") {
        delete this.grids[args[0]];
    } else if (address === "/sda/fail" && String(args[0]).indexOf("/sda/prior/") === 0) {
        this.ui.push(["text", "set", String(args[2])]);
    } else if (address === "/sda/done" && JOBS.indexOf(args[0]) >= 0) {
        this.job = args[1];
        this.ui.push(["text", "set", "drawing"]);
    } else if (this.job && args[0] === this.job) {
        this._heard(address, args);
    }
};

Generation.prototype._heard = function (address, args) {
    var ends = { "/sda/job/done": "done", "/sda/job/cancelled": "cancelled" };
    if (address === "/sda/job/progress") {
        this.ui.push(["progress", args[1]]);
    } else if (ends[address] || address === "/sda/job/failed") {
        this.job = 0;
        this.ui.push(["progress", 0]);
        this.ui.push(["text", "set", ends[address] || String(args[3])]);
    }
};

exports.Panel = Generation;
