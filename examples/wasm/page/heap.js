// The module's heap as JavaScript sees it; the page and the tests share this file.

/** The most blocks that the module writes down. */
const MOST = 4096;

/** A heap in a WebAssembly module, and the blocks that were allocated here. */
export class Heap {
  /** Starts the module whose bytes are given. */
  static async start(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes);
    return new Heap(instance.exports);
  }

  constructor(module) {
    this.module = module;
    this.sizes = new Map();
  }

  /** Allocates; returns the address, or 0 if there is no memory. */
  allocate(size) {
    const address = this.module.allocate(size) >>> 0;
    if (address !== 0) {
      this.sizes.set(address, size);
    }
    return address;
  }

  /** Frees the block at an address; says whether there was one. */
  free(address) {
    const size = this.sizes.get(address);
    if (size === undefined) {
      return false;
    }
    this.sizes.delete(address);
    this.module.free(address, size);
    return true;
  }

  /** Frees what was allocated here. */
  freeAll() {
    for (const address of [...this.sizes.keys()]) {
      this.free(address);
    }
  }

  buildTexts(count) {
    this.module.build_texts(count);
  }

  dropTexts(all) {
    this.module.drop_texts(all);
  }

  /** The heap's blocks in the order of their addresses, and its figures. */
  look() {
    const count = this.module.look();
    const shown = Math.min(count, MOST);
    const memory = this.module.memory.buffer;
    const words = new Uint32Array(memory, this.module.blocks(), shown * 3);
    const blocks = [];
    for (let at = 0; at < words.length; at += 3) {
      // A header of one word comes before the address that `allocate` returned.
      const [address, size, used] = words.subarray(at, at + 3);
      blocks.push({ address: address + 4, size, used: used === 1 });
    }
    blocks.sort((one, other) => one.address - other.address);
    const [usedBytes, freeBytes, live, peakBytes, failed, valid] =
      new Uint32Array(memory, this.module.figures(), 6);
    const pages = memory.byteLength / 65536;
    return { count, blocks, usedBytes, freeBytes, live, peakBytes, failed, valid: valid === 1, pages };
  }
}
