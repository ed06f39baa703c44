// [js] and [v8]: the connection of one patch to the daemon; what it knows is in
// sdaudio_connection.js.
//
// In: what [udpreceive] got; "connect HOST PORT", "token TEXT", "disconnect", "reconnect"; any
// other message is for the daemon. Out, left to right: to [udpsend]; to [udpreceive]; what the
// daemon says; "connected 1" or 0; a line of text about it.

autowatch = 1;
inlets = 2;
outlets = 5;

var connections = require("sdaudio_connection");

var connection = new connections.Connection(connections.drawPort(Math.random));
var watch = new Task(tick);
watch.interval = connections.PING_MS;

function loadbang() {
    outlet(1, "port", connection.listens);
    reconnect();
}

function tick() {
    if (connection.tick(now())) {
        tell();
    }
    flush();
}
tick.local = 1;

function now() {
    return new Date().getTime();
}
now.local = 1;

function tell() {
    outlet(4, "set", connection.status);
    outlet(3, "connected", connection.isConnected ? 1 : 0);
}
tell.local = 1;

function flush() {
    var messages = connection.out;
    connection.out = [];
    for (var place = 0; place < messages.length; place++) {
        outlet(0, messages[place]);
    }
}
flush.local = 1;

function reconnect() {
    outlet(0, "host", connection.host);
    outlet(0, "port", connection.port);
    tell();
    watch.cancel();
    watch.repeat();
}

function connect(host, port) {
    connection.connect(host, port);
    reconnect();
}

function token(text) {
    connection.token = text === undefined ? "" : String(text);
    reconnect();
}

function disconnect() {
    watch.cancel();
    connection.leave();
    flush();
    tell();
}

function anything() {
    var message = [messagename].concat(arrayfromargs(arguments));
    if (inlet === 1) {
        outlet(0, message);
        return;
    }
    var changed = connection.receive(messagename, message.slice(1), now());
    if (changed) {
        tell();
    }
    flush();
    outlet(2, message);
}

function notifydeleted() {
    watch.cancel();
    connection.leave();
    flush();
}
