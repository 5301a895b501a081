// Memory that somebody else grows, in between: node foreign.mjs MODULE
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const bytes = await readFile(process.argv[2]);
const { alloc, dealloc, memory } = (await WebAssembly.instantiate(bytes)).instance.exports;
const view = (address, size) => new Uint8Array(memory.buffer, address, size);
const blocks = [];
const foreign = [];
for (let step = 1; step <= 40; step += 1) {
  const size = step * 10000;
  const address = alloc(size, 8);
  assert.notEqual(address, 0);
  view(address, size).fill(step);
  blocks.push({ address, size, step });
  if (step % 4 === 0) {
    const start = memory.grow(2) * 65536;
    view(start, 131072).fill(0xee);
    foreign.push(start);
  }
  if (step % 3 === 0) {
    const { address, size } = blocks.shift();
    dealloc(address, size, 8);
  }
}
for (const { address, size, step } of blocks) {
  assert.ok(view(address, size).every((byte) => byte === step));
}
for (const start of foreign) {
  assert.ok(view(start, 131072).every((byte) => byte === 0xee));
}
console.log("ok memory that somebody else has grown is left alone");
