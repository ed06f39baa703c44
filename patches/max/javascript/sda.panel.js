// [js] and [v8]: a panel, "library", "training" or "generation"; what it knows and does is in
// sdaudio_panels.js.
//
// In, left: all that comes from sda.client; right: what a person does. Out, left: messages for the
// daemon; right: messages for what is seen, the name of the part first.

"use strict";

autowatch = 1;
inlets = 2;
outlets = 2;

var panels = require("sdaudio_panels");

var panel = new panels[jsarguments[1]]();

function anything() {
    var words = arrayfromargs(arguments);
    if (inlet === 1) {
        panel.say([messagename].concat(words));
    } else {
        panel.receive(messagename, words);
    }
    flush();
}

function connected(is) {
    panel.connected(is === 1);
    flush();
}

function flush() {
    var ui = panel.ui, out = panel.out, place;
    panel.ui = [];
    panel.out = [];
    for (place = 0; place < ui.length; place++) {
        outlet(1, ui[place]);
    }
    for (place = 0; place < out.length; place++) {
        outlet(0, out[place]);
    }
}
flush.local = 1;
