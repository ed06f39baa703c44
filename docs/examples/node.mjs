// sdaudio from Node, with nothing but its own dgram. Usage: node docs/examples/node.mjs [PORT]
import dgram from "node:dgram";
import os from "node:os";
import path from "node:path";

const port = Number(process.argv[2] ?? 5630);
const socket = dgram.createSocket("udp4");

const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))]);

function encode(address, values) {
  const tag = (value) => (typeof value === "string" ? "s" : Number.isInteger(value) ? "i" : "f");
  const parts = [padded(Buffer.from(address)), padded(Buffer.from("," + values.map(tag).join("")))];
  for (const value of values) {
    const four = Buffer.alloc(4);
    if (tag(value) === "s") parts.push(padded(Buffer.from(value)));
    else if (tag(value) === "i") (four.writeInt32BE(value), parts.push(four));
    else (four.writeFloatBE(value), parts.push(four));
  }
  return Buffer.concat(parts);
}

// sdaudio answers with i, f, s and b only.
function decode(packet) {
  let at = 0;
  const text = () => {
    const end = packet.indexOf(0, at);
    const word = packet.toString("utf8", at, end);
    at = (end + 4) & ~3;
    return word;
  };
  const address = text();
  const values = [...text().slice(1)].map((tag) => {
    if (tag === "s") return text();
    at += 4;
    return tag === "i" ? packet.readInt32BE(at - 4) : packet.readFloatBE(at - 4);
  });
  return [address, values];
}

// Send a command and wait for its answer; a job is waited for until it ends.
function call(address, ...values) {
  return new Promise((resolve, reject) => {
    const silence = setTimeout(() => finish(reject, new Error(`no answer to ${address}`)), 30_000);
    const finish = (settle, result) => {
      clearTimeout(silence);
      socket.off("message", hear);
      settle(result);
    };
    const hear = (packet) => {
      const [kind, answer] = decode(packet);
      if (kind === "/sda/done" && answer[0] === address && !JOBS.has(address)) finish(resolve, answer.slice(1));
      if (kind === "/sda/job/done" && answer[1] === address) finish(resolve, answer.slice(2));
      if (kind === "/sda/fail" || kind === "/sda/job/failed") finish(reject, new Error(answer.at(-1)));
    };
    socket.on("message", hear);
    socket.send(encode(address, values), port, "127.0.0.1");
  });
}
const JOBS = new Set(["/sda/prior/sample", "/sda/grid/encode", "/sda/grid/render"]);

console.log("hello from", ...(await call("/sda/hello")));
console.log("new material:", ...(await call("/sda/prior/sample", "node", "starter", 2, "temperature", 0.8)));
console.log("revision:", ...(await call("/sda/grid/set", "node", 0, 4, 20, 21, 22)));
const file = path.join(os.tmpdir(), "sdaudio-node.wav");
console.log("rendered:", ...(await call("/sda/grid/render", "node", file)));
await call("/sda/grid/set", "node", 9, 0, 0).catch((error) => console.log("refused:", error.message));
await call("/sda/grid/close", "node");
socket.close();
