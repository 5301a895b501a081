// Pages and speed of one heap: node load.mjs MODULE
import { readFile } from "node:fs/promises";

const bytes = await readFile(process.argv[2]);
const start = async () => (await WebAssembly.instantiate(bytes)).instance.exports;

const COUNT = 1000000;
const figures = [(await start()).ratchet()];
for (const largest of [200, 3000, 30000]) {
  const heap = await start();
  let best = Infinity;
  for (let round = 0; round < 7; round += 1) {
    const before = performance.now();
    if (heap.actions(COUNT, largest, 7) !== 0) {
      throw new Error("an action was refused");
    }
    best = Math.min(best, performance.now() - before);
  }
  figures.push((COUNT / 1000 / best).toFixed(2));
}
console.log(figures.join(" "));
