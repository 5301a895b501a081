const crypto = require('crypto');
const zlib = require('zlib');
const records = [];
for (let i = 0; i < 60000; i++) {
  records.push({ id: i, name: (i * 7919 % 1000003).toString(16), tags: Array.from({ length: i % 7 }, (_, n) => 't' + n) });
}
const text = JSON.stringify(records);
const again = JSON.parse(text);
const buffers = [];
for (let i = 0; i < 4000; i++) {
  buffers.push(Buffer.alloc(1000 + i * 37 % 20000, i & 255));
  if (i % 3 === 0) buffers.shift();
}
const all = Buffer.concat(buffers.slice(0, 1500));
const packed = zlib.deflateSync(Buffer.concat([Buffer.from(text), all]), { level: 4 });
const hash = crypto.createHash('sha256').update(zlib.inflateSync(packed)).digest('hex');
console.log(again.length, text.length, hash);
