// The page: buttons that allocate and free, and a map of the heap.
import { Heap } from "./heap.js";

const WIDTH = 64;

const heap = await Heap.start(await (await fetch("heap_map.wasm")).arrayBuffer());
const canvas = document.querySelector("#map");
const shape = canvas.getContext("2d");
const element = (id) => document.querySelector(`#${id}`);

/** The blocks as they were drawn, for clicks. */
let drawn = { blocks: [], start: 0, bytes: 1, cell: 1 };

/** Draws a cell for each `bytes` of the heap: the used part of it is dark. */
function draw() {
  const seen = heap.look();
  const blocks = seen.blocks;
  const start = blocks.length ? blocks[0].address - 4 : 0;
  const last = blocks[blocks.length - 1];
  const end = last ? last.address - 4 + last.size : 0;
  const rows = 32;
  const bytes = Math.max(16, Math.ceil((end - start) / (WIDTH * rows)));
  const cell = Math.floor(canvas.width / WIDTH);
  const used = new Float64Array(WIDTH * rows);
  for (const block of blocks.filter((it) => it.used)) {
    for (let at = block.address - 4 - start, left = block.size; left > 0; ) {
      const index = Math.floor(at / bytes);
      const part = Math.min(left, (index + 1) * bytes - at);
      used[index] += part / bytes;
      at += part;
      left -= part;
    }
  }
  shape.clearRect(0, 0, canvas.width, canvas.height);
  if (blocks.length === 0) {
    shape.fillStyle = "#667";
    shape.font = "20px system-ui, sans-serif";
    shape.fillText("The heap has no memory yet: press a button.", 20, 40);
  }
  const cells = Math.ceil((end - start) / bytes);
  for (let index = 0; index < cells; index += 1) {
    shape.fillStyle = `hsl(210 60% ${88 - 55 * used[index]}%)`;
    shape.fillRect((index % WIDTH) * cell, Math.floor(index / WIDTH) * cell, cell - 1, cell - 1);
  }
  drawn = { blocks, start, bytes, cell };
  tell(seen);
}

/** Writes the figures. */
function tell(seen) {
  element("blocks").textContent = seen.count;
  element("live").textContent = seen.live;
  element("used").textContent = seen.usedBytes;
  element("free").textContent = seen.freeBytes;
  element("peak").textContent = seen.peakBytes;
  element("failed").textContent = seen.failed;
  element("pages").textContent = seen.pages;
  element("valid").textContent = seen.valid ? "yes" : "no";
}

/** The size that the user asks for; a number that is none is told so. */
function size() {
  const bytes = Number(element("size").value);
  const fits = Number.isInteger(bytes) && bytes > 0 && bytes < 2 ** 31;
  element("message").textContent = fits ? "" : "The size is a whole number of bytes, at least 1.";
  return fits ? bytes : 0;
}

const actions = {
  allocate() {
    const bytes = size();
    if (bytes > 0 && heap.allocate(bytes) === 0) {
      element("message").textContent = `There is no memory for ${bytes} bytes.`;
    }
  },
  random() {
    for (let step = 0; step < 100; step += 1) {
      const addresses = [...heap.sizes.keys()];
      if (addresses.length > 0 && Math.random() < 0.5) {
        heap.free(addresses[Math.floor(Math.random() * addresses.length)]);
      } else {
        heap.allocate(1 + Math.floor(Math.random() ** 3 * 2000));
      }
    }
  },
  texts: () => heap.buildTexts(100),
  half: () => heap.dropTexts(false),
  clear() {
    heap.dropTexts(true);
    heap.freeAll();
  },
};

for (const [id, action] of Object.entries(actions)) {
  element(id).addEventListener("click", () => {
    action();
    draw();
  });
}

canvas.addEventListener("click", (event) => {
  const scale = canvas.width / canvas.clientWidth;
  const column = Math.floor((event.offsetX * scale) / drawn.cell);
  const row = Math.floor((event.offsetY * scale) / drawn.cell);
  const address = drawn.start + (row * WIDTH + column) * drawn.bytes;
  const block = drawn.blocks.find((it) => it.address - 4 + it.size > address);
  const freed = block !== undefined && heap.free(block.address);
  element("message").textContent = freed ? "" : "No block of the button “allocate” is there.";
  draw();
});

draw();
document.body.dataset.ready = "yes";
