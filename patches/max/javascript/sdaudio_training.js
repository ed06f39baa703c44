// A training: its folder, how far it is, and how much of the codebooks it uses.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

var words = require("sdaudio_words");

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

Training.prototype.say = function (said) {
    var rest = said.slice(1).join(" ");
    switch (said[0]) {
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
        this.minutes = said[1];
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
        this.ui.push(["text", "set", args[3] + (args[2] > 0 ? ", " + words.time(args[2]) + " left" : "")]);
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

exports.Panel = Training;
