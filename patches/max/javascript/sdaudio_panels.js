// What the panels know and do: the library, a training, the prior. Knows no Max. Plain ES5.
//
// Each panel has `out`, messages for the daemon, and `ui`, messages for what is seen: [part, ...].
// Whoever sends them empties both. `say(words)` takes what a person does: [what, argument ...].

"use strict";

// -- the library ------------------------------------------------------------------------------------

function Library() {
    this.out = [];
    this.ui = [];
    this.models = {};
    this.names = [];
    this.listed = [];
    this.chosen = "";
    this.grids = [];
}

Library.prototype.connected = function (is) {
    if (is) {
        this.out.push(["/sda/model/list"]);
    } else {
        this.names = [];
        this._menu();
    }
};

Library.prototype.receive = function (address, args) {
    if (address === "/sda/grid/state" && this.grids.indexOf(args[0]) < 0) {
        this.grids.push(args[0]);
    } else if (address === "/sda/grid/closed") {
        this.grids = this.grids.filter(function (name) { return name !== args[0]; });
    } else if (address === "/sda/model/item") {
        this.models[args[0]] = {
            isLoaded: args[1] === 1, levels: args[2], size: args[3], seconds: args[4],
            files: args[5], hasPrior: args[6] === 1, problem: args[7], light: args[8]
        };
        this.listed.push(args[0]);
    } else if (address === "/sda/done" && args[0] === "/sda/model/list") {
        this.names = this.listed;
        this.listed = [];
        this._menu();
    } else if (address === "/sda/model/added" || address === "/sda/model/removed" ||
        address === "/sda/model/state") {
        this.out.push(["/sda/model/list"]);
    } else if (address === "/sda/fail" && String(args[0]).indexOf("/sda/model/") === 0) {
        this.ui.push(["text", "set", String(args[2])]);
    }
};

Library.prototype.say = function (words) {
    var model = this.chosen;
    if (words[0] === "choose") {
        this.chosen = words.slice(1).join(" ");
        this._describe();
    } else if (model === "") {
        this.ui.push(["text", "set", "Choose a model first."]);
    } else if (words[0] === "load" || words[0] === "unload") {
        this.out.push(["/sda/model/" + words[0], model]);
    } else if (words[0] === "new") {
        // an empty grid of so many columns, named after the model
        var name = freeName(model, this.grids);
        // two presses may come before the daemon has told of the first grid
        this.grids.push(name);
        this.out.push(["/sda/grid/new", name, model, words[1] || 96]);
    }
};

Library.prototype._menu = function () {
    this.ui.push(["menu", "clear"]);
    for (var place = 0; place < this.names.length; place++) {
        this.ui.push(["menu", "append", this.names[place]]);
    }
    if (this.names.indexOf(this.chosen) < 0) {
        this.chosen = this.names.length ? this.names[0] : "";
    }
    if (this.chosen !== "") {
        this.ui.push(["menu", "setsymbol", this.chosen]);
    }
    this._describe();
};

Library.prototype._describe = function () {
    var model = this.models[this.chosen], text = "no models yet: train one";
    if (this.chosen !== "" && model) {
        text = model.problem ? model.problem : (model.isLoaded ? "loaded, " : "") + model.levels +
            " levels of " + model.size + " codes, " + Math.round(model.seconds) + " s of " +
            model.files + " files" + (model.hasPrior ? ", prior" : "") + ", " + model.light;
    }
    this.ui.push(["text", "set", text]);
};

/** A name that no grid has: the model's, or with the first free number behind it. */
function freeName(model, taken) {
    var name = model, number = 2;
    while (taken.indexOf(name) >= 0) {
        name = model + " " + number;
        number += 1;
    }
    return name;
}

// -- a training -------------------------------------------------------------------------------------

function Training() {
    this.out = [];
    this.ui = [];
    this.folder = "";
    this.name = "";
    this.minutes = 10;
    this.job = 0;
    this.waits = false;
    /** How much of its codebook each level uses. */
    this.used = [];
}

Training.prototype.connected = function (is) {
    if (!is && this.job) {
        this._end("The daemon is gone; the training goes on when it is resumed.");
    }
};

Training.prototype.say = function (words) {
    var rest = words.slice(1).join(" ");
    switch (words[0]) {
    case "folder":
        this.folder = plainPath(rest);
        this.ui.push(["folder", "set", this.folder]);
        if (this.name === "") {
            this.name = this.folder.replace(/\/+$/, "").split("/").pop();
            this.ui.push(["name", "set", this.name]);
        }
        break;
    case "name":
        this.name = rest;
        break;
    case "minutes":
        this.minutes = words[1];
        break;
    case "start":
        this._start();
        break;
    case "stop":
        if (this.job) {
            this.out.push(["/sda/train/stop", this.name]);
        }
        break;
    case "cancel":
        if (this.job) {
            this.out.push(["/sda/job/cancel", this.job]);
        }
        break;
    }
};

Training.prototype._start = function () {
    if (this.folder === "" || this.name === "") {
        this.ui.push(["text", "set", "Choose a folder of sounds and a name for the model first."]);
    } else if (this.job || this.waits) {
        this.ui.push(["text", "set", "A training runs; stop it first."]);
    } else {
        this.waits = true;
        this.used = [];
        this.out.push(["/sda/train/start", this.name, this.folder, "minutes", this.minutes]);
    }
};

Training.prototype.receive = function (address, args) {
    if (address === "/sda/done" && args[0] === "/sda/train/start" && this.waits) {
        this.job = args[1];
        this.waits = false;
        this.ui.push(["text", "set", "training " + this.name]);
    } else if (address === "/sda/fail" && args[0] === "/sda/train/start" && this.waits) {
        this.waits = false;
        this.ui.push(["text", "set", String(args[2])]);
    } else if (this.job && args[0] === this.job) {
        this._heard(address, args);
    }
};

Training.prototype._heard = function (address, args) {
    switch (address) {
    case "/sda/job/progress":
        this.ui.push(["progress", args[1]]);
        this.ui.push(["text", "set", args[3] + (args[2] > 0 ? ", " + time(args[2]) + " left" : "")]);
        break;
    case "/sda/train/level":
        this.used[args[1]] = Math.round(100 * args[3]) + " %";
        this.ui.push(["levels", "set", "codes used: " + this.used.join(", ")]);
        break;
    case "/sda/train/note":
    case "/sda/train/prediction":
        this.ui.push(["note", "set", String(args[address === "/sda/train/note" ? 1 : 4])]);
        break;
    case "/sda/job/done":
        this._end("trained: " + this.name);
        break;
    case "/sda/job/cancelled":
        this._end("cancelled");
        break;
    case "/sda/job/failed":
        this._end(String(args[3]));
        break;
    }
};

Training.prototype._end = function (text) {
    this.job = 0;
    this.ui.push(["progress", 0]);
    this.ui.push(["text", "set", text]);
};

/** A path as the daemon takes it; Max puts the name of the disk in front on a Mac. */
function plainPath(path) {
    return path.replace(/^[^\/:]{2,}:/, "");
}

/** Seconds in words. */
function time(seconds) {
    return seconds < 90 ? Math.round(seconds) + " s" : Math.round(seconds / 60) + " min";
}

// -- the prior --------------------------------------------------------------------------------------

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

exports.library = Library;
exports.training = Training;
exports.generation = Generation;
