// What was refused or went wrong, and the job that runs.
//
// Like every panel it has `out`, messages for the daemon, and `ui`, messages for what is seen:
// [part, ...]; sda.panel.js sends them. Knows no Max. Plain ES5.

"use strict";

var words = require("sdaudio_words");

var STAYS_MS = 12000;

function News() {
    this.out = [];
    this.ui = [];
    this.later = [];
    /** The jobs that run, the newest last. */
    this.jobs = [];
    this.said = 0;
}

News.prototype.connected = function (is) {
    if (!is) {
        this.jobs = [];
        this._job("", 0);
    }
};

News.prototype.receive = function (address, args) {
    if (address === "/sda/fail") {
        this._say(args[0] + ": " + args[2]);
    } else if (address === "/sda/job/progress") {
        this._knows(args[0]);
        if (args[0] === this.jobs[this.jobs.length - 1]) {
            this._job(args[3] + (args[2] > 0 ? ", " + words.time(args[2]) + " left" : ""), args[1]);
        }
    } else if (address === "/sda/job/failed") {
        this._say(args[1] + ": " + args[3]);
        this._ended(args[0]);
    } else if (address === "/sda/job/done" || address === "/sda/job/cancelled") {
        this._ended(args[0]);
    }
};

News.prototype.say = function (said) {
    if (said[0] === "cancel" && this.jobs.length) {
        this.out.push(["/sda/job/cancel", this.jobs[this.jobs.length - 1]]);
    } else if (said[0] === "forget" && said[1] === this.said) {
        this.ui.push(["text", "set", ""]);
    }
};

/** Show a sentence for some seconds. */
News.prototype._say = function (text) {
    this.said += 1;
    this.ui.push(["text", "set", text]);
    this.later.push([STAYS_MS, ["forget", this.said]]);
};

News.prototype._knows = function (job) {
    if (this.jobs.indexOf(job) < 0) {
        this.jobs.push(job);
    }
};

News.prototype._ended = function (job) {
    this.jobs = this.jobs.filter(function (other) { return other !== job; });
    if (this.jobs.length === 0) {
        this._job("", 0);
    }
};

News.prototype._job = function (text, fraction) {
    this.ui.push(["job", "set", text]);
    this.ui.push(["progress", fraction]);
};

exports.Panel = News;
