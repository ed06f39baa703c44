// OSC as udpsend and udpreceive of Max write and read it.

"use strict";

function padded(text) {
    const bytes = Buffer.from(`${text}\0`, "utf8");
    return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function encode([address, ...args]) {
    let tags = ",";
    const parts = [];
    for (const value of args) {
        const four = Buffer.alloc(4);
        if (typeof value === "string") {
            tags += "s";
            parts.push(padded(value));
            continue;
        }
        if (Number.isInteger(value)) {
            tags += "i";
            four.writeInt32BE(value);
        } else {
            tags += "f";
            four.writeFloatBE(value);
        }
        parts.push(four);
    }
    return Buffer.concat([padded(address), padded(tags), ...parts]);
}

function decode(packet) {
    let at = 0;
    function text() {
        const end = packet.indexOf(0, at);
        const found = packet.toString("utf8", at, end);
        at = end + 4 - (end % 4);
        return found;
    }
    const message = [text()];
    for (const tag of text().slice(1)) {
        if (tag === "s") {
            message.push(text());
        } else if (tag === "i") {
            message.push(packet.readInt32BE(at));
            at += 4;
        } else if (tag === "f") {
            message.push(packet.readFloatBE(at));
            at += 4;
        } else {
            throw new Error(`udpreceive: type ${tag} of ${message[0]} is not understood`);
        }
    }
    return message;
}

module.exports = { decode, encode };
