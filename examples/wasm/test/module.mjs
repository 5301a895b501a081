// The module under node: node module.mjs DIRECTORY
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const directory = process.argv[2];
const { Heap } = await import(pathToFileURL(`${directory}/heap.js`).href);
const bytes = await readFile(`${directory}/heap_map.wasm`);
const tests = {
  async "a heap begins empty, and a block appears and disappears"() {
    const heap = await Heap.start(bytes);
    assert.equal(heap.look().live, 0);
    const address = heap.allocate(1000);
    assert.equal(address % 8, 0);
    const seen = heap.look();
    assert.equal(seen.live, 1);
    const block = seen.blocks.find((it) => it.address === address);
    assert.ok(block.used && block.size >= 1004 && block.size < 1020);
    assert.ok(heap.free(address));
    assert.ok(!heap.free(address));
    assert.equal(heap.look().usedBytes, 0);
  },
  async "blocks lie end to end and every byte is counted"() {
    const heap = await Heap.start(bytes);
    const addresses = [];
    for (let size = 1; size < 300; size += 7) {
      addresses.push(heap.allocate(size));
    }
    addresses.filter((_, index) => index % 3 === 0).forEach((address) => heap.free(address));
    const seen = heap.look();
    assert.ok(seen.valid);
    const sum = (blocks) => blocks.reduce((total, it) => total + it.size, 0);
    assert.equal(sum(seen.blocks.filter((it) => it.used)), seen.usedBytes);
    assert.equal(sum(seen.blocks), seen.usedBytes + seen.freeBytes);
    heap.freeAll();
    assert.equal(heap.look().live, 0);
  },
  async "contents survive while the memory grows"() {
    const heap = await Heap.start(bytes);
    const before = heap.look().pages;
    const blocks = [];
    for (let index = 0; index < 50; index += 1) {
      const address = heap.allocate(40000);
      new Uint8Array(heap.module.memory.buffer, address, 40000).fill(index);
      blocks.push(address);
    }
    assert.ok(heap.look().pages > before + 20);
    blocks.forEach((address, index) => {
      const contents = new Uint8Array(heap.module.memory.buffer, address, 40000);
      assert.ok(contents.every((byte) => byte === index));
    });
    assert.ok(heap.look().valid);
  },
  async "memory that somebody else has grown is left alone"() {
    const heap = await Heap.start(bytes);
    heap.allocate(1000);
    const { memory } = heap.module;
    const foreign = memory.grow(3) * 65536;
    new Uint8Array(memory.buffer, foreign, 3 * 65536).fill(0xab);
    for (let index = 0; index < 20; index += 1) {
      const address = heap.allocate(100000);
      new Uint8Array(memory.buffer, address, 100000).fill(1);
    }
    assert.ok(new Uint8Array(memory.buffer, foreign, 3 * 65536).every((byte) => byte === 0xab));
    assert.ok(heap.look().valid);
  },
  async "what cannot be had is refused, and the heap goes on"() {
    const heap = await Heap.start(bytes);
    const halves = [1, 2, 3].map(() => heap.allocate(0x7f000000));
    assert.ok(halves.includes(0));
    assert.equal(heap.allocate(0xfffffff0), 0);
    assert.equal(heap.allocate(0), 0);
    assert.ok(heap.look().failed >= 1);
    assert.notEqual(heap.allocate(10), 0);
    assert.ok(heap.look().valid);
  },
  async "a heap that ends at the last byte of the address space is whole"() {
    const heap = await Heap.start(bytes);
    while (heap.allocate(0x1000000) !== 0) {
      assert.ok(heap.sizes.size < 256);
    }
    while (heap.allocate(50000) !== 0) {
      assert.ok(heap.sizes.size < 1000);
    }
    const seen = heap.look();
    assert.equal(seen.pages, 65536);
    assert.ok(seen.valid);
    heap.freeAll();
    assert.equal(heap.look().usedBytes, 0);
    assert.ok(heap.look().valid);
  },
  async "collections grow, and everything comes back"() {
    const heap = await Heap.start(bytes);
    heap.buildTexts(1000);
    assert.ok(heap.look().live > 1000);
    heap.dropTexts(false);
    assert.ok(heap.look().live < 510);
    heap.dropTexts(true);
    assert.equal(heap.look().usedBytes, 0);
    assert.ok(heap.look().valid);
  },
};

for (const [name, test] of Object.entries(tests)) {
  await test();
  console.log(`ok ${name}`);
}
