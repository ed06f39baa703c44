// [js] and [v8]: a panel; its first argument is the file that says what the panel knows and does.
//
// In, left: all that comes from sda.client; right: what a person or another object does. Out, left:
// messages for the daemon; right: messages for what is seen or heard, the name of the part first.

autowatch = 1;
inlets = 2;
outlets = 2;

var panel = new (require(jsarguments[1]).Panel)();
// a task that nobody holds may be collected before its time
var waiting = [];

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
    var ui = panel.ui, out = panel.out, later = panel.later || [], place;
    panel.ui = [];
    panel.out = [];
    panel.later = [];
    for (place = 0; place < ui.length; place++) {
        outlet(1, ui[place]);
    }
    for (place = 0; place < out.length; place++) {
        outlet(0, out[place]);
    }
    for (place = 0; place < later.length; place++) {
        wait(later[place]);
    }
}
flush.local = 1;

// What is to be said to the panel after some time: [milliseconds, [what, argument ...]].
function wait(entry) {
    var task = new Task(function () {
        waiting.splice(waiting.indexOf(task), 1);
        panel.say(entry[1]);
        flush();
    });
    waiting.push(task);
    task.schedule(entry[0]);
}
wait.local = 1;
