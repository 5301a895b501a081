# JSON, buffers and compression in Node.js.
exec node "$inputs/node.js"
