// Whether the daemon is there: what to send, and when it counts as lost. Knows no Max.
//
// Max sends from one port and listens on another, so the daemon is told by /sda/subscribe PORT
// where answers and events go. Plain ES5: the same file runs in [js] of Max 8, in [v8] and in node.

"use strict";

var HOST = "127.0.0.1";
var PORT = 5630;
var PROTOCOL = 1;
var PING_MS = 2000;
var LOST_MS = 5000;
var LOWEST_PORT = 20000;
var PORTS = 40000;

/**
 * @param {number} listens the port that answers come to
 */
function Connection(listens) {
    this.host = HOST;
    this.port = PORT;
    this.token = "";
    this.listens = listens;
    this.isConnected = false;
    this.status = "looking for sdaudio";
    /** Messages for the daemon, each [address, argument, ...]; whoever sends them empties it. */
    this.out = [];
    this.heardMs = 0;
}

/** Speak to a daemon elsewhere. */
Connection.prototype.connect = function (host, port) {
    this.host = String(host);
    this.port = port === undefined ? PORT : port;
    this.isConnected = false;
    this.status = "looking for sdaudio at " + this.host + " port " + this.port;
};

/** Called every two seconds with the time in milliseconds; returns whether the state changed. */
Connection.prototype.tick = function (nowMs) {
    var was = this.isConnected;
    if (was && nowMs - this.heardMs > LOST_MS) {
        this.isConnected = false;
        this.status = "lost sdaudio at " + this.host + " port " + this.port;
    }
    this.out.push(this.token ? ["/sda/hello", this.token] : ["/sda/hello"]);
    if (!this.isConnected) {
        this.out.push(["/sda/subscribe", this.listens]);
    }
    return was !== this.isConnected;
};

/** Called with all that comes from the daemon; returns whether the state changed. */
Connection.prototype.receive = function (address, args, nowMs) {
    this.heardMs = nowMs;
    if (address === "/sda/done" && args[0] === "/sda/hello" && args[3] !== PROTOCOL) {
        this.isConnected = false;
        this.status = "sdaudio " + args[2] + " speaks protocol " + args[3] + ", these patches " +
            PROTOCOL + ": take those of that version (sdaudio patches --copy-to max)";
        return true;
    }
    if (address === "/sda/done" && args[0] === "/sda/subscribe" && !this.isConnected) {
        this.isConnected = true;
        this.status = "connected to " + this.host + " port " + this.port;
        return true;
    }
    if (address === "/sda/fail" && (args[0] === "/sda/hello" || args[0] === "/sda/subscribe")) {
        this.status = String(args[2]);
        return true;
    }
    return false;
};

/** Let the daemon forget us; what it answers goes nowhere. */
Connection.prototype.leave = function () {
    this.out.push(["/sda/unsubscribe", this.listens]);
    this.isConnected = false;
    this.status = "not connected";
};

/** A port that hardly anybody else listens on; draw another one if it is taken. */
function drawPort(random) {
    return LOWEST_PORT + Math.floor(random() * PORTS);
}

exports.Connection = Connection;
exports.drawPort = drawPort;
exports.PING_MS = PING_MS;
