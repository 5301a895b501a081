// Pages and speed of heaps, one beside the other: node load.mjs MODULE...
//
// Prints a line a module: the blocks that were wrong, the pages that the ratchet ends with, and actions a microsecond.
import { readFile } from "node:fs/promises";

const COUNT = 300000;
const ROUNDS = 25;
const SIZES = [200, 3000, 30000];

const modules = await Promise.all(process.argv.slice(2).map((path) => readFile(path)));
const start = async (bytes) => (await WebAssembly.instantiate(bytes)).instance.exports;

const lines = [];
for (const bytes of modules) {
  lines.push([(await start(bytes)).check(7), (await start(bytes)).ratchet()]);
}
for (const largest of SIZES) {
  const heaps = await Promise.all(modules.map(start));
  const best = heaps.map(() => Infinity);
  // In turns, so that what else the machine does meets all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    heaps.forEach((heap, index) => {
      const before = performance.now();
      if (heap.actions(COUNT, largest, 7) !== 0) {
        throw new Error(`module ${index} refused an action`);
      }
      best[index] = Math.min(best[index], performance.now() - before);
    });
  }
  best.forEach((time, index) => lines[index].push((COUNT / 1000 / time).toFixed(2)));
}
lines.forEach((line) => console.log(line.join(" ")));
