// The sound of a grid in Max: two buffers take turns, so that what plays goes on when the grid was
// edited. The daemon keeps a file as the grid is and tells when it is new.
//
// `out` are messages for the daemon, `ui` for the objects of sda.play~, [part, ...], and `later`
// what is to be said after some milliseconds: [ms, [what, ...]]. Knows no Max. Plain ES5.

"use strict";

var BUFFERS = ["a", "b"];
var SWITCH_MS = 20; // one buffer fades into the other
var GATE_MS = 5; // what sounds is faded out before it goes elsewhere
var STOP_MS = 8;
var SLOP_MS = 5; // a message may come that much after a ramp has ended
var READ_MS = 5000; // a file that is not read by then is not there
var FASTEST = 16;
var ENDLESS_MS = 1e9;
var FROM_END_MS = 1e-6; // where a sound begins that goes backwards

function Sound() {
    this.out = [];
    this.ui = [];
    this.later = [];
    this.name = "";
    /** Whether it takes the grid that was touched last. */
    this.follows = true;
    this.isFollowed = false;
    this.job = 0;
    this.heard = 0;
    this.lengthMs = 0;
    this.reading = null;
    this.next = null;
    this.isBusy = false;
    this.isRunning = false;
    this.isOnce = false;
    this.speed = 1;
    this.at = 0;
    this.atMs = 0;
    this.turn = 0;
    this.reads = 0;
}

Sound.prototype.connected = function (is) {
    this.isFollowed = false;
    if (is && this.name !== "") {
        this._follow();
    }
};

// -- what the daemon tells ------------------------------------------------------------------------

Sound.prototype.receive = function (address, args) {
    if (address === "/sda/grid/rendered" && args[0] === this.name) {
        this._rendered({ path: plainPath(args[1]), ms: 1000 * args[3] / Math.max(1, args[4]) });
    } else if (address === "/sda/grid/state" && this.name === "" && this.follows) {
        this._show(args[0]);
    } else if (address === "/sda/grid/state" && args[0] === this.name && !this.isFollowed) {
        this._follow();
    } else if (address === "/sda/grid/closed" && args[0] === this.name) {
        this.isFollowed = false;
    } else if (address === "/sda/done" && args[0] === "/sda/grid/follow") {
        this.job = args[1];
    } else if (address === "/sda/job/failed" && args[0] === this.job) {
        this.isFollowed = false;
        this.ui.push(["news", "problem", String(args[3])]);
    }
};

Sound.prototype._follow = function () {
    this.isFollowed = true;
    this.out.push(["/sda/grid/follow", this.name]);
};

Sound.prototype._show = function (name) {
    if (name !== this.name) {
        this.name = name;
        this._follow();
    }
};

// -- two buffers ----------------------------------------------------------------------------------

/** A new file; while one is read or faded in, the newest waits. */
Sound.prototype._rendered = function (file) {
    if (this.reading || this.isBusy) {
        this.next = file;
        return;
    }
    this.reading = file;
    this.reads += 1;
    this.ui.push([BUFFERS[1 - this.heard], "replace", file.path]);
    this.later.push([READ_MS, ["late", this.reads]]);
};

Sound.prototype._read = function (which) {
    var file = this.reading;
    if (!file || which !== 1 - this.heard) {
        return;
    }
    this.reading = null;
    this.isBusy = true;
    this.heard = which;
    if (this.isRunning && file.ms !== this.lengthMs) {
        // another length turns the place around elsewhere: not while it is heard
        this._gate(0, GATE_MS);
        this.turn += 1;
        this.later.push([GATE_MS + SLOP_MS, ["resize", file.ms, this.turn]]);
    } else {
        this._length(file.ms);
        this._fade(SWITCH_MS);
    }
    this.later.push([2 * SWITCH_MS + SLOP_MS, ["free"]]);
    this.ui.push(["news", "loaded", this.name, file.ms / 1000]);
};

Sound.prototype._fade = function (ms) {
    for (var place = 0; place < BUFFERS.length; place++) {
        this.ui.push(["fade-" + BUFFERS[place], place === this.heard ? 1 : 0, ms]);
    }
};

Sound.prototype._length = function (ms) {
    this.lengthMs = ms;
    this.ui.push(["length", ms]);
    this._wrap();
};

Sound.prototype._wrap = function () {
    this.ui.push(["wrap", this.isOnce ? ENDLESS_MS : Math.max(this.lengthMs, 1)]);
};

Sound.prototype._resize = function (ms, turn) {
    var at = this._place();
    this._length(ms);
    this._fade(0);
    // whoever asked for another place since then has said where
    if (turn === this.turn && this.isRunning) {
        this._at(ms > 0 && !this.isOnce ? at % ms : at);
    }
};

Sound.prototype._free = function () {
    var file = this.next;
    this.isBusy = false;
    this.next = null;
    if (file && !this.reading) {
        this._rendered(file);
    }
};

// -- what a person or an object says ----------------------------------------------------------------

Sound.prototype.say = function (words) {
    var value = words[1];
    switch (words[0]) {
    case "grid":
        // what an abstraction is not given is 0
        this.follows = value === undefined || value === 0;
        if (!this.follows) {
            this._show(words.slice(1).join(" "));
        }
        break;
    case "show":
        this.follows = false;
        this._show(words.slice(1).join(" "));
        break;
    case "touched":
        if (this.follows && words.length > 2) {
            this._show(words.slice(2).join(" "));
        }
        break;
    case "loop":
    case "once":
        this.isOnce = words[0] === "once";
        this._go(this._start());
        break;
    case "from":
        this._go(within(value, 0, 1) * this.lengthMs);
        break;
    case "jump":
        if (this.isRunning) {
            this._go(within(value, 0, 1) * this.lengthMs);
        }
        break;
    case "stop":
        this._stop(STOP_MS);
        break;
    case "speed":
        this.at = this._place();
        this.atMs = now();
        this.speed = within(value, -FASTEST, FASTEST);
        this.ui.push(["speed", this.speed, SWITCH_MS]);
        break;
    case "position":
        this._position(value);
        break;
    case "read":
        this._read(value);
        break;
    case "late":
        this._late(value);
        break;
    case "free":
        this._free();
        break;
    case "resize":
        this._resize(value, words[2]);
        break;
    case "at":
        if (value === this.turn) {
            this._at(words[2]);
        }
        break;
    }
};

Sound.prototype._start = function () {
    return this.speed < 0 ? Math.max(0, this.lengthMs - FROM_END_MS) : 0;
};

/** Play from a place; what sounds is faded out first. */
Sound.prototype._go = function (at) {
    var wait = this.isRunning ? GATE_MS + SLOP_MS : 0;
    this.isRunning = true;
    this.turn += 1;
    if (wait) {
        this._gate(0, GATE_MS);
        this.later.push([wait, ["at", this.turn, at]]);
    } else {
        this._at(at);
    }
};

Sound.prototype._at = function (at) {
    this.at = at;
    this.atMs = now();
    this._wrap();
    this.ui.push(["place", "set", at]);
    // at both ends of the sound there is a slope already
    this._gate(1, at > 0 && at < this.lengthMs - FROM_END_MS ? GATE_MS : 0);
};

Sound.prototype._stop = function (ms) {
    this.isRunning = false;
    this.turn += 1;
    this._gate(0, ms);
};

Sound.prototype._gate = function (to, ms) {
    this.ui.push(["gate", to, ms]);
};

/** Where it is now, in milliseconds of the sound, by what was told last. */
Sound.prototype._place = function () {
    var at = this.at + (this.isRunning ? (now() - this.atMs) * this.speed : 0);
    if (this.isOnce || this.lengthMs <= 0) {
        return within(at, 0, this.lengthMs);
    }
    return (at % this.lengthMs + this.lengthMs) % this.lengthMs;
};

/** Told where it is by [snapshot~]; a sound that is played once ends by that. */
Sound.prototype._position = function (at) {
    if (!this.isRunning) {
        return;
    }
    this.at = at;
    this.atMs = now();
    if (this.isOnce && this.lengthMs > 0 && at >= this.lengthMs) {
        this._stop(0);
        this.ui.push(["news", "end"]);
    } else if (this.lengthMs > 0) {
        this.ui.push(["news", "position", at / this.lengthMs]);
    }
};

Sound.prototype._late = function (read) {
    if (this.reading && read === this.reads) {
        this.ui.push(["news", "problem", "Max did not read " + this.reading.path +
            ". It must be on this machine: sda.play~ and the daemon share its disk."]);
        this.reading = null;
        this._free();
    }
};

/** A path as Max takes it on every system: with slashes. */
function plainPath(path) {
    return String(path).replace(/\\/g, "/");
}

function within(value, low, high) {
    return Math.min(Math.max(Number(value) || 0, low), high);
}

function now() {
    return new Date().getTime();
}

exports.Panel = Sound;
