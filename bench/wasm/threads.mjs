// Four threads that allocate from one heap at the same time: node threads.mjs MODULE
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";

const STACK = 65536;

if (isMainThread) {
  const module = await WebAssembly.compile(await readFile(process.argv[2]));
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 4096, shared: true });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const run = (seed) =>
    new Promise((done, fail) => {
      const stack = exports.alloc(STACK, 16) + STACK;
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: { module, memory, stack, seed },
      });
      worker.once("error", fail).once("exit", done);
    });
  const codes = await Promise.all([1, 2, 3, 4].map(run));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.equal(exports.actions(10000, 500, 9), 0);
  console.log("ok four threads share a heap");
} else {
  const { module, memory, stack, seed } = workerData;
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  exports.__stack_pointer.value = stack;
  const { alloc, dealloc, realloc } = exports;
  const bytes = (address, size) => new Uint8Array(memory.buffer, address, size);
  const live = [];
  for (let step = 0; step < 20000; step += 1) {
    const size = 1 + ((step * 7919 * seed) % 600);
    const address = alloc(size, 8);
    bytes(address, size).fill(seed);
    live.push({ address, size });
    if (live.length > 50) {
      const block = live.splice((step * 31) % live.length, 1)[0];
      assert.ok(bytes(block.address, block.size).every((byte) => byte === seed));
      if (step % 3 === 0) {
        const moved = realloc(block.address, block.size, 8, block.size * 2);
        assert.ok(bytes(moved, block.size).every((byte) => byte === seed));
        dealloc(moved, block.size * 2, 8);
      } else {
        dealloc(block.address, block.size, 8);
      }
    }
  }
  assert.equal(exports.actions(200000, 500, seed), 0);
}
