// A stand-in for Max, as far as the patchers of this package need one: it opens a .maxpat with its
// abstractions and bpatchers, runs the message objects in it, the JavaScript of js and jsui in
// contexts of their own, and sends and receives real OSC over UDP.
//
//     node max_host.js PACKAGE PATCHER
//
// Commands come as JSON, one a line, and so do the answers; see `COMMANDS` at the end. An object
// that is not known here is an error, so that no test passes over it.

"use strict";

const dgram = require("dgram");
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const vm = require("vm");
const { Canvas } = require("./max_canvas.js");
const { decode, encode } = require("./max_osc.js");
const { picture } = require("./max_picture.js");
const sound = require("./max_signals.js");

const PACKAGE = process.argv[2];
const MOST_BYTES = 5096;
const sends = new Map();
const pictures = [];
const posted = [];
const received = [];
let patcherCount = 0;

// -- objects -----------------------------------------------------------------------------------------

function atom(word) {
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(word) ? Number(word) : word;
}

function inside(box, part) {
    return part === undefined || box.patcher.file === part;
}

class Box {
    constructor(patcher, record) {
        this.patcher = patcher;
        this.record = record;
        this.cords = [];
        // of its own patcher these come from the arguments of the abstraction
        const words = String(record.text || "").split(/\s+/).map((word) => patcher.filled(word));
        this.name = record.maxclass === "newobj" ? words[0] : record.maxclass;
        this.args = (record.maxclass === "newobj" ? words.slice(1) : words).map(atom);
        this.sources = [];
        const file = `${this.name}.maxpat`;
        const isOwn = !OBJECTS[this.name] && fs.existsSync(path.join(PACKAGE, "patchers", file));
        this.kind = isOwn ? OBJECTS.bpatcher : OBJECTS[this.name];
        if (!this.kind) {
            throw new Error(`${patcher.file}: there is no object '${this.name}' here`);
        }
        if (isOwn) {
            this.inside = new Patcher(file, this.args, this);
        } else if (this.kind.make) {
            this.kind.make(this);
        }
    }

    out(number, message) {
        if (number >= this.record.numoutlets) {
            throw new Error(`${this.name} has no outlet ${number}`);
        }
        // Max goes from right to left; cords of one outlet here in their order
        for (const [box, inlet] of this.cords.filter((cord) => cord[2] === number)) {
            box.receive(inlet, message);
        }
    }

    receive(inlet, message) {
        this.kind.receive(this, inlet, message);
    }
}

function passRoute(box, inlet, message) {
    const place = box.args.indexOf(message[0]);
    if (place < 0) {
        box.out(box.args.length, message);
    } else {
        const rest = message.slice(1);
        box.out(place, rest.length ? rest : ["bang"]);
    }
}

function substituted(words, message) {
    const values = message[0] === "list" ? message.slice(1) : message;
    return words.map((word) => {
        const match = /^\$(\d)$/.exec(word);
        return match ? values[Number(match[1]) - 1] : word;
    });
}

function passNumber(box, inlet, message) {
    const { minimum = -Infinity, maximum = Infinity } = box.record;
    const isSet = message[0] === "set";
    box.shown = Math.min(Math.max(message[isSet ? 1 : 0], minimum), maximum);
    if (!isSet) {
        box.out(0, [box.shown]);
    }
}

function chooseItem(box, inlet, message) {
    const words = message.slice(1).join(" ");
    if (message[0] === "clear") {
        box.items = [];
    } else if (message[0] === "append") {
        box.items.push(words);
    } else if (message[0] === "setsymbol") {
        box.shown = words;
    } else {
        box.shown = message.join(" ");
        box.out(1, [box.shown]);
    }
}

/** A parameter of Live says at the start what it was when the set was saved. */
function start(box) {
    const { parameter_initial: [value] } = box.record.saved_attribute_attributes.valueof;
    box.receive(0, [value]);
}

const OBJECTS = {
    ...sound.SIGNALS,
    route: { receive: passRoute },
    prepend: { receive: (box, inlet, message) => box.out(0, [...box.args, ...message]) },
    s: { receive: (box, inlet, message) => (sends.get(box.args[0]) || []).slice()
        .forEach((other) => other.out(0, message)) },
    r: { make: (box) => sends.set(box.args[0], [...(sends.get(box.args[0]) || []), box]),
        receive() {} },
    message: {
        receive(box, inlet, message) {
            if (message[0] === "set") {
                box.args = message.slice(1);
            } else {
                box.out(0, substituted(box.args, message));
            }
        },
    },
    comment: { receive(box, inlet, message) {
        if (message[0] === "set") {
            box.shown = message.slice(1).join(" ");
        }
    } },
    panel: { receive() {} },
    inlet: { make: (box) => box.patcher.inlets.push(box), receive: (box, i, m) => box.out(0, m) },
    outlet: { make: (box) => box.patcher.outlets.push(box),
        receive: (box, inlet, message) => box.patcher.leave(box, message) },
    led: { receive(box, inlet, message) { box.shown = message[0]; } },
    toggle: { receive(box, inlet, message) {
        if (message[0] === "set") {
            box.shown = message[1];
            return;
        }
        box.shown = message[0] === "bang" ? 1 - (box.shown || 0) : message[0];
        box.out(0, [box.shown]);
    } },
    print: { receive(box, inlet, message) { posted.push(message.join(" ")); } },
    loadmess: { load: (box) => box.out(0, box.args), receive() {} },
    flonum: { receive: passNumber },
    number: { receive: passNumber },
    slider: { receive: passNumber },
    "live.text": { load: (box) => start(box), receive: passNumber },
    "live.dial": { load: (box) => start(box), receive: passNumber },
    dbtoa: { receive: (box, inlet, [db]) => box.out(0, [Math.pow(10, db / 20)]) },
    sel: { receive(box, inlet, [value]) {
        const place = box.args.indexOf(value);
        box.out(place < 0 ? box.args.length : place, place < 0 ? [value] : ["bang"]);
    } },
    notein: { receive(box, inlet, [pitch, velocity]) {
        box.out(1, [velocity]);
        box.out(0, [pitch]);
    } },
    stripnote: { receive(box, inlet, [value]) {
        if (inlet === 1) {
            box.velocity = value;
        } else if (box.velocity > 0) {
            box.out(1, [box.velocity]);
            box.out(0, [value]);
        }
    } },
    expr: { receive(box, inlet, [value]) {
        const text = box.args.join(" ").replace(/\$[if]1/g, String(value));
        box.out(0, [vm.runInNewContext(text)]);
    } },
    umenu: { make(box) { box.items = []; }, receive: chooseItem },
    textedit: { receive(box, inlet, message) {
        box.shown = message.slice(1).join(" ");
        if (message[0] !== "set") {
            box.out(0, ["text", ...message]);
        }
    } },
    opendialog: { receive: (box, inlet, message) => box.out(0, message) },
    textbutton: { receive: (box) => box.out(0, ["bang"]) },
    gate: { make(box) { box.open = box.args[1] || 0; }, receive(box, inlet, message) {
        if (inlet === 0) {
            box.open = message[0];
        } else if (box.open) {
            box.out(box.open - 1, message);
        }
    } },
    zl: { make(box) {
        if (box.args[0] !== "reg") {
            throw new Error(`zl ${box.args[0]} is not known here`);
        }
        box.kept = [];
    }, receive(box, inlet, message) {
        if (inlet === 1 || message[0] !== "bang") {
            box.kept = message;
        }
        if (inlet === 0 && box.kept.length) {
            box.out(0, box.kept);
        }
    } },
    key: { receive(box, inlet, [code, bits]) { box.out(2, [bits]); box.out(0, [code]); } },
    udpsend: {
        make(box) {
            [box.host, box.port] = box.args;
            box.socket = dgram.createSocket("udp4");
            box.socket.unref();
        },
        receive(box, inlet, message) {
            if (message[0] === "host" || message[0] === "port") {
                box[message[0]] = message[1];
                return;
            }
            const packet = encode(message);
            if (packet.length > MOST_BYTES) {
                throw new Error(`udpsend: ${packet.length} bytes are more than Max sends`);
            }
            box.socket.send(packet, box.port, box.host);
        },
    },
    udpreceive: {
        make(box) { box.listen = (port) => {
            if (box.socket) {
                box.socket.close();
            }
            box.port = port;
            box.socket = dgram.createSocket("udp4");
            box.socket.on("message", (packet) => {
                const message = decode(packet);
                received.push(message);
                box.out(0, message);
            });
            box.socket.bind(port, "127.0.0.1");
        }; },
        receive(box, inlet, message) {
            if (message[0] !== "port") {
                throw new Error(`udpreceive does not understand ${message[0]}`);
            }
            box.listen(message[1]);
        },
    },
    js: {
        make: (box) => makeScript(box, box.args[0], box.args),
        load: (box) => box.context.loadbang && box.context.loadbang(),
        receive: runScript,
    },
    jsui: {
        make(box) {
            pictures.push(box);
            makeScript(box, box.record.filename, [box.record.filename]);
        },
        receive: runScript,
    },
    bpatcher: {
        make(box) {
            box.inside = new Patcher(box.record.name, box.record.args.map(
                (word) => box.patcher.filled(word)), box);
        },
        receive: (box, inlet, message) => box.inside.inlets[inlet].out(0, message),
    },
};

// -- JavaScript --------------------------------------------------------------------------------------

function makeScript(box, file, jsarguments) {
    const folder = path.join(PACKAGE, "javascript");
    const modules = new Map();
    const [, , width, height] = box.record.presentation_rect || [0, 0, 400, 100];
    box.canvas = new Canvas([width, height]);

    function load(name) {
        if (!modules.has(name)) {
            const exports = {};
            modules.set(name, exports);
            const text = fs.readFileSync(path.join(folder, `${name}.js`), "utf8");
            vm.runInContext(`(function (require, exports) {${text}\n})`, box.context,
                { filename: `${name}.js` })(load, exports);
        }
        return modules.get(name);
    }

    class Task {
        constructor(work) { this.work = work; this.running = false; this.interval = 500; }
        schedule(ms) {
            this.running = true;
            this.timer = setTimeout(() => { this.running = false; this.work(); }, ms);
        }
        repeat() {
            this.running = true;
            this.timer = setInterval(() => this.work(), this.interval);
            setImmediate(() => this.running && this.work());
        }
        cancel() { this.running = false; clearTimeout(this.timer); clearInterval(this.timer); }
    }

    box.context = vm.createContext({
        jsarguments, inlets: 1, outlets: 1, autowatch: 0, inlet: 0, messagename: "",
        mgraphics: box.canvas, require: load, Task,
        arrayfromargs: (args) => Array.prototype.slice.call(args),
        outlet: (number, ...message) => box.out(number, message.flat()),
        post: (...words) => posted.push(words.join(" ")),
    });
    box.canvas.redraw = () => { box.canvas.wanted = true; };
    const text = fs.readFileSync(path.join(folder, file), "utf8");
    vm.runInContext(text, box.context, { filename: file });
    if (box.record.numinlets !== box.context.inlets ||
        box.record.numoutlets !== box.context.outlets) {
        throw new Error(`${file} says ${box.context.inlets} inlets and ${box.context.outlets} ` +
            `outlets, its box ${box.record.numinlets} and ${box.record.numoutlets}`);
    }
}

function runScript(box, inlet, message) {
    const [selector, ...args] = message;
    const context = box.context;
    context.inlet = inlet;
    context.messagename = selector;
    const called = context[selector];
    if (typeof called === "function" && !called.local) {
        called(...args);
    } else if (typeof selector === "string") {
        context.anything(...args);
    } else {
        throw new Error(`${box.name} got the number ${selector}`);
    }
}

// -- patchers ----------------------------------------------------------------------------------------

const FOLDERS = { ".maxhelp": "help", ".amxd": "examples", ".maxpat": "patchers" };

function readPatcher(file) {
    const bytes = fs.readFileSync(path.join(PACKAGE, FOLDERS[path.extname(file)], file));
    // a device of Live has the patcher within, ended by a zero
    const begins = file.endsWith(".amxd") ? 36 : 0;
    const ends = begins ? bytes.indexOf(0, begins) : bytes.length;
    return JSON.parse(bytes.toString("utf8", begins, ends)).patcher;
}

class Patcher {
    constructor(file, args, outer) {
        this.file = file;
        this.args = args;
        this.outer = outer;
        this.number = 1000 + patcherCount++;
        this.inlets = [];
        this.outlets = [];
        const record = readPatcher(file);
        this.rect = record.rect;
        this.boxes = new Map();
        for (const { box } of record.boxes) {
            this.boxes.set(box.id, new Box(this, box));
        }
        for (const { patchline } of record.lines) {
            const [from, outlet] = patchline.source;
            const [to, inlet] = patchline.destination;
            this.boxes.get(from).cords.push([this.boxes.get(to), inlet, outlet]);
            this.boxes.get(to).sources.push([this.boxes.get(from), outlet, inlet]);
        }
        for (const ports of [this.inlets, this.outlets]) {
            ports.sort((one, other) => one.record.patching_rect[0] - other.record.patching_rect[0]);
        }
    }

    filled(word) {
        return String(word).replace(/#(\d)/g, (_, digit) => {
            return digit === "0" ? String(this.number) : String(this.args[digit - 1] ?? 0);
        });
    }

    post(text) {
        posted.push(text);
    }

    leave(outlet, message) {
        if (this.outer) {
            this.outer.out(this.outlets.indexOf(outlet), message);
        }
    }

    load() {
        for (const box of this.boxes.values()) {
            if (box.inside) {
                box.inside.load();
            }
            if (box.kind.load) {
                box.kind.load(box);
            }
        }
    }

    *all() {
        for (const box of this.boxes.values()) {
            yield box;
            if (box.inside) {
                yield* box.inside.all();
            }
        }
    }
}

const patcher = new Patcher(process.argv[3], [], null);
patcher.load();

// -- commands ----------------------------------------------------------------------------------------

function described(box) {
    const grid = box.context.grid;
    const { name, model, nLevels, nColumns, codes, ranks, labels, muted, soloed, head, isPlaying,
        selection, cursor, text, first, cell, isConnected, heat } = grid;
    return { name, model, nLevels, nColumns, codes, ranks, labels, muted, soloed, head, isPlaying,
        selection, cursor, text, first, cell, isConnected, heat, line: grid.line(),
        lefts: [0, 1].map((column) => grid.xOf(column)), tops: [0, 1].map((row) => grid.yOf(row)) };
}

const COMMANDS = {
    /** What a grid knows; `box` counts the jsui. */
    grid: ({ box }) => described(pictures[box]),
    /** Calls a function of a jsui as Max does for the mouse: onclick, ondrag, onwheel, onresize. */
    call: ({ box, name, args }) => { pictures[box].context[name](...args); return null; },
    /** Sends a message into the first box of a class with this text, of one part or of all. */
    send: ({ to, text, part, message }) => {
        for (const box of patcher.all()) {
            if (box.name === to && inside(box, part) &&
                (text === undefined || String(box.record.text) === text)) {
                box.receive(0, message);
                return null;
            }
        }
        throw new Error(`there is no ${to} ${text}`);
    },
    /** What boxes of a class show. */
    shown: ({ of, part }) => [...patcher.all()]
        .filter((box) => box.name === of && inside(box, part) && box.shown !== undefined)
        .map((box) => box.shown),
    /** What a menu of a part offers. */
    items: ({ part }) => [...patcher.all()].find((box) => box.name === "umenu" &&
        inside(box, part)).items,
    /** A picture of a grid, as SVG. */
    draw: ({ box }) => {
        const { canvas, context } = pictures[box];
        canvas.clear();
        context.paint();
        return canvas.svg();
    },
    /** The texts of message boxes with a hint: what a help patcher offers to be tried. */
    hinted: () => [...patcher.all()].filter((box) => box.record.hint).map((box) => box.record.text),
    /** A picture of all in presentation mode, as SVG. */
    picture: () => picture(patcher),
    posted: () => posted,
    /** The port that answers come to. */
    port: () => [...patcher.all()].find((box) => box.name === "udpreceive").port,
    /** All that the daemon has said. */
    received: () => received,
    /** Turn the sound on. */
    dsp: () => sound.start(),
    /** Begin to keep what is heard. */
    keep: () => sound.keep(),
    /** Write what was heard since then into a file of 32-bit floats. */
    heard: ({ path: file }) => sound.write(file),
};

function failed(error) {
    process.stdout.write(`${JSON.stringify({ error: String(error.stack) })}\n`);
}

process.on("uncaughtException", (error) => { failed(error); process.exit(1); });
readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const command = JSON.parse(line);
    try {
        const value = COMMANDS[command.do](command) ?? null;
        process.stdout.write(`${JSON.stringify({ value })}\n`);
    } catch (error) {
        failed(error);
    }
}).on("close", () => process.exit(0));
