// The signal objects that the patchers of the package need, in vectors as Max computes them. Sound is
// pulled: what a sink hears is asked of what is connected to it.

"use strict";

const fs = require("fs");

const RATE = 48000;
const VECTOR = 64;
const buffers = new Map();
const sinks = [];
let vector = 0;
let timer = null;
let recorded = null;

// -- sound files -----------------------------------------------------------------------------------

function readSound(path) {
    const bytes = fs.readFileSync(path);
    if (bytes.toString("latin1", 0, 4) !== "RIFF") {
        throw new Error(`${path} is no wave file`);
    }
    let rate = 0, format = 0, channels = 1, bits = 0;
    for (let at = 12; at + 8 <= bytes.length;) {
        const name = bytes.toString("latin1", at, at + 4), size = bytes.readUInt32LE(at + 4);
        if (name === "fmt ") {
            format = bytes.readUInt16LE(at + 8);
            channels = bytes.readUInt16LE(at + 10);
            rate = bytes.readUInt32LE(at + 12);
            bits = bytes.readUInt16LE(at + 22);
        }
        if (name === "data") {
            if (bits !== 32 || channels !== 1 || ![3, 0xfffe].includes(format)) {
                throw new Error(`${path}: ${bits} bits, ${channels} channels, format ${format}`);
            }
            const samples = new Float64Array(size / 4);
            for (let n = 0; n < samples.length; n++) {
                samples[n] = bytes.readFloatLE(at + 8 + 4 * n);
            }
            return { rate, samples };
        }
        at += 8 + size + (size % 2);
    }
    throw new Error(`${path} has no sound`);
}

// -- objects -----------------------------------------------------------------------------------------

/** A box of two inputs; a number in the right one is used while no signal comes there. */
function arithmetic(compute) {
    return {
        make(box) { box.value = box.args[0] ?? 0; },
        receive(box, inlet, [value]) { box.value = value; },
        signal(box, [left, right]) {
            return [filled((n) => compute(left ? left[n] : 0, right ? right[n] : box.value))];
        },
    };
}

function filled(at) {
    const out = new Float64Array(VECTOR);
    for (let n = 0; n < VECTOR; n++) {
        out[n] = at(n);
    }
    return out;
}

function interpolated({ rate, samples }, ms) {
    const place = ms * rate / 1000, low = Math.floor(place), rest = place - low;
    const at = (index) => samples[index] ?? 0;
    return at(low) + rest * (at(low + 1) - at(low));
}

const SIGNALS = {
    "*~": arithmetic((left, right) => left * right),
    "+~": arithmetic((left, right) => left + right),
    "!-~": arithmetic((left, right) => right - left),
    "minimum~": arithmetic((left, right) => Math.min(left, right)),
    "clip~": {
        receive() {},
        signal: (box, [input]) => [filled((n) => Math.min(Math.max(input[n], box.args[0]),
            box.args[1]))],
    },
    "sampstoms~": {
        receive() {},
        signal: (box, [input]) => [filled((n) => input[n] * 1000 / RATE)],
    },
    "+=~": {
        make(box) { box.sum = 0; },
        receive(box, inlet, [word, value]) {
            if (word !== "set") {
                throw new Error(`+=~ does not understand ${word}`);
            }
            box.sum = value;
        },
        signal: (box, [input]) => [filled((n) => (box.sum += input[n]))],
    },
    "pong~": {
        make(box) {
            box.mode = box.args[0];
            box.range = [box.args[1], box.args[2]];
            if (box.mode !== 1) {
                throw new Error("pong~ wraps here, and nothing else");
            }
        },
        receive(box, inlet, [value]) { box.range[inlet - 1] = value; },
        signal(box, [input]) {
            const [low, high] = box.range, size = high - low;
            return [filled((n) => low + (((input[n] - low) % size) + size) % size)];
        },
    },
    "line~": {
        make(box) { box.value = box.args[0] ?? 0; box.left = 0; },
        receive(box, inlet, [to, ms = 0]) {
            box.target = to;
            box.left = Math.round(ms * RATE / 1000);
            if (box.left === 0) {
                box.value = to;
            }
        },
        signal(box) {
            return [filled(() => {
                if (box.left > 0) {
                    box.value += (box.target - box.value) / box.left;
                    box.left -= 1;
                }
                return box.value;
            })];
        },
    },
    "buffer~": {
        receive(box, inlet, [word, file]) {
            if (word !== "replace") {
                throw new Error(`buffer~ does not understand ${word}`);
            }
            setTimeout(() => {
                try {
                    buffers.set(box.args[0], readSound(file));
                } catch (error) {
                    box.patcher.post(`buffer~: can't open ${file}: ${error.message}`);
                    return;
                }
                box.out(1, ["bang"]);
            }, 3);
        },
    },
    "play~": {
        receive() {},
        signal(box, [place]) {
            const sound = buffers.get(box.args[0]) || { rate: RATE, samples: [] };
            return [filled((n) => interpolated(sound, place[n]))];
        },
    },
    "snapshot~": {
        make(box) { sinks.push(box); box.due = 0; },
        receive() {},
        hear(box, [input]) {
            if (input && vector * VECTOR * 1000 / RATE >= box.due) {
                box.due = vector * VECTOR * 1000 / RATE + box.args[0];
                box.out(0, [input[0]]);
            }
        },
    },
    "ezdac~": { make: (box) => sinks.push(box), receive() {}, hear: record },
    "plugout~": { make: (box) => sinks.push(box), receive() {}, hear: record },
};

function record(box, [left, right]) {
    if (recorded) {
        if (left && right && left.some((value, n) => value !== right[n])) {
            throw new Error("left and right differ");
        }
        recorded.push(Float32Array.from(left || new Float64Array(VECTOR)));
    }
}

// -- the graph ---------------------------------------------------------------------------------------

/** What comes to an inlet: the sum of the signals there, or null where there is none. */
function into(box, inlet) {
    let sum = null;
    for (const [from, outlet, to] of box.sources || []) {
        const signal = to === inlet ? outOf(from, outlet) : null;
        if (signal) {
            sum = sum ? filled((n) => sum[n] + signal[n]) : signal;
        }
    }
    return sum;
}

function outOf(box, outlet) {
    if (box.inside) {
        return into(box.inside.outlets[outlet], 0);
    }
    if (box.name === "inlet") {
        const { patcher } = box;
        return patcher.outer ? into(patcher.outer, patcher.inlets.indexOf(box)) : null;
    }
    if (!box.kind.signal) {
        return null;
    }
    if (box.computed !== vector) {
        box.computed = vector;
        box.signals = box.kind.signal(box, inputs(box));
    }
    return box.signals[outlet] || null;
}

function inputs(box) {
    return Array.from({ length: box.record.numinlets }, (_, inlet) => into(box, inlet));
}

/** Turn the sound on: as many vectors as time has passed. */
function start() {
    const began = process.hrtime.bigint();
    timer = timer || setInterval(() => {
        const due = Number(process.hrtime.bigint() - began) / 1e9 * RATE / VECTOR;
        while (vector < due) {
            vector += 1;
            sinks.forEach((box) => box.kind.hear(box, inputs(box)));
        }
    }, 4);
}

/** Begin to keep what is heard; returns how many samples there were. */
function keep() {
    recorded = [];
}

/** Write what was heard, as 32-bit floats. */
function write(path) {
    const samples = recorded;
    recorded = null;
    fs.writeFileSync(path, Buffer.concat(samples.map((part) => Buffer.from(part.buffer))));
}

module.exports = { SIGNALS, start, keep, write };
