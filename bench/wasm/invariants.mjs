// Every invariant of our heap, after each of many actions: node invariants.mjs MODULE
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const bytes = await readFile(process.argv[2]);
for (const seed of [1, 2, 3]) {
  const { invariants } = (await WebAssembly.instantiate(bytes)).instance.exports;
  assert.equal(invariants(20000, seed), 0, "the first action after which something is wrong");
}
const { pools } = (await WebAssembly.instantiate(bytes)).instance.exports;
assert.equal(pools(), 0, "the first step after which something is wrong");
console.log("ok every invariant holds after each action, and pools come, grow and go");
