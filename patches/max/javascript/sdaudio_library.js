// The library: the models of the daemon, and empty grids of them.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

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

exports.Panel = Library;
