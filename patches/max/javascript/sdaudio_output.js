// Where the daemon's sound goes, how loud and how fast it is, and renders of it.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

var OWN = ["/sda/play/device", "/sda/play/gain", "/sda/play/speed", "/sda/play/compare",
    "/sda/grid/render"];

function Output() {
    this.out = [];
    this.ui = [];
    this.grid = "";
    this.grids = [];
    this.listed = [];
    this.devices = [];
    this.device = "";
    this.job = 0;
}

Output.prototype.connected = function (is) {
    if (is) {
        this.out.push(["/sda/play/devices"]);
        // what is not told is as it was at first
        this.ui.push(["gain", "set", 0], ["speed", "set", 1]);
    } else {
        this.grid = "";
        this.grids = [];
    }
};

Output.prototype.receive = function (address, args) {
    switch (address) {
    case "/sda/grid/state":
        if (this.grids.indexOf(args[0]) < 0) {
            this.grids.push(args[0]);
        }
        this.grid = this.grid || args[0];
        break;
    case "/sda/grid/closed":
        this.grids = this.grids.filter(function (name) { return name !== args[0]; });
        if (this.grid === args[0]) {
            this.grid = this.grids[0] || "";
        }
        break;
    case "/sda/play/device/item":
        this.listed.push(args[1]);
        break;
    case "/sda/play/device":
        this.device = args[0];
        this.ui.push(["text", "set", args[0] + " at " + Math.round(args[1]) + " Hz" +
            (args[2] ? "" : ", silent: " + args[3])]);
        this._choose();
        break;
    case "/sda/play/gain":
        this.ui.push(["gain", "set", args[0]]);
        break;
    case "/sda/play/mix":
        if (args[0] === this.grid) {
            this.ui.push(["speed", "set", args[2]]);
        }
        break;
    case "/sda/play/compare":
        if (args[0] === this.grid) {
            this.ui.push(["original", "set", args[1]]);
        }
        break;
    case "/sda/done":
        this._done(args);
        break;
    case "/sda/fail":
        if (OWN.indexOf(args[0]) >= 0) {
            this.ui.push(["text", "set", String(args[2])]);
        }
        break;
    case "/sda/job/done":
        if (args[0] === this.job && args[1] === "/sda/grid/render") {
            this.ui.push(["text", "set", args[2]]);
        }
        break;
    case "/sda/job/failed":
        if (args[0] === this.job) {
            this.ui.push(["text", "set", String(args[3])]);
        }
        break;
    }
};

Output.prototype._done = function (args) {
    if (args[0] === "/sda/play/devices") {
        this.devices = this.listed;
        this.listed = [];
        this.ui.push(["menu", "clear"]);
        for (var place = 0; place < this.devices.length; place++) {
            this.ui.push(["menu", "append", this.devices[place]]);
        }
        this._choose();
    } else if (args[0] === "/sda/grid/render") {
        this.job = args[1];
        this.ui.push(["text", "set", "rendering"]);
    }
};

Output.prototype._choose = function () {
    if (this.devices.indexOf(this.device) >= 0) {
        this.ui.push(["menu", "setsymbol", this.device]);
    }
};

Output.prototype.say = function (words) {
    var value = words[1];
    if (words[0] === "device") {
        this.out.push(["/sda/play/device", words.slice(1).join(" ")]);
    } else if (words[0] === "gain") {
        this.out.push(["/sda/play/gain", value]);
    } else if (words[0] === "silence") {
        this.out.push(["/sda/play/silence"]);
    } else if (words[0] === "touched") {
        this.grid = words.slice(2).join(" ");
    } else if (this.grid === "") {
        this.ui.push(["text", "set", "Touch a grid first."]);
    } else if (words[0] === "speed") {
        this.out.push(["/sda/play/speed", this.grid, value]);
    } else if (words[0] === "original") {
        this.out.push(["/sda/play/compare", this.grid, value]);
    } else if (words[0] === "render") {
        this.out.push(["/sda/grid/render", this.grid]);
    }
};

exports.Panel = Output;
