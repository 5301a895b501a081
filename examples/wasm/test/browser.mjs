// The page in headless Chromium: node browser.mjs CHROMIUM DIRECTORY
//
// Speaks the browser's own protocol through two pipes, so that nothing has to be installed beside it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const [chromium, directory] = process.argv.slice(2);
const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

/** Serves the files of the page. */
async function serve() {
  const server = createServer(async (request, response) => {
    const name = basename(new URL(request.url, "http://localhost").pathname) || "index.html";
    try {
      const body = await readFile(join(directory, name));
      response.writeHead(200, { "content-type": TYPES[name.split(".").pop()] ?? "text/plain" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

/** A browser that is told what to do in messages, each ended by a zero. */
class Browser {
  constructor(profile) {
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"];
    const options = { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] };
    this.process = spawn(chromium, [...flags, `--user-data-dir=${profile}`, "about:blank"], options);
    this.ended = new Promise((done) => this.process.once("exit", done));
    this.waiting = new Map();
    this.problems = [];
    this.next = 1;
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      messages.forEach((message) => this.hear(JSON.parse(message)));
    });
  }

  hear(message) {
    if (message.method === "Runtime.exceptionThrown") {
      this.problems.push(JSON.stringify(message.params.exceptionDetails));
    }
    const done = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    done?.(message);
  }

  async tell(method, params = {}, sessionId = undefined) {
    const id = this.next;
    this.next += 1;
    const answer = new Promise((done) => this.waiting.set(id, done));
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result } = await answer;
    assert.equal(error, undefined, `${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Opens a page and waits until it is ready. */
  async open(url) {
    const { targetId } = await this.tell("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.tell("Target.attachToTarget", { targetId, flatten: true });
    this.session = sessionId;
    await this.tell("Runtime.enable", {}, sessionId);
    await this.tell("Page.navigate", { url }, sessionId);
    for (let look = 0; look < 200; look += 1) {
      if (await this.run("document.body?.dataset.ready === 'yes'")) {
        return;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.fail(`the page did not get ready: ${this.problems}`);
  }

  /** The value of an expression in the page. */
  async run(expression) {
    const params = { expression, returnByValue: true };
    const { result, exceptionDetails } = await this.tell("Runtime.evaluate", params, this.session);
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value;
  }

  number(id) {
    return this.run(`Number(document.querySelector("#${id}").textContent)`);
  }

  text(id) {
    return this.run(`document.querySelector("#${id}").textContent`);
  }

  click(id) {
    return this.run(`document.querySelector("#${id}").click()`);
  }

  /** What the map looks like. */
  picture() {
    return this.run('document.querySelector("#map").toDataURL()');
  }

  /** Clicks with the mouse on the last cell of the map: the small heap's blocks lie at the end. */
  async clickLastCell() {
    const place = 'JSON.stringify(document.querySelector("#map").getBoundingClientRect())';
    await this.run('document.querySelector("#map").scrollIntoView({ block: "end" })');
    const { right, bottom } = JSON.parse(await this.run(place));
    for (const type of ["mousePressed", "mouseReleased"]) {
      const params = { type, x: right - 5, y: bottom - 5, button: "left", clickCount: 1 };
      await this.tell("Input.dispatchMouseEvent", params, this.session);
    }
  }
}

async function test(page) {
  assert.equal(await page.number("live"), 0);
  const empty = await page.picture();
  await page.click("allocate");
  assert.equal(await page.number("live"), 1);
  assert.ok((await page.number("used")) >= 1004);
  const one = await page.picture();
  assert.notEqual(one, empty, "the map shows the block");
  await page.clickLastCell();
  assert.equal(await page.number("live"), 0, "a click on the block frees it");
  assert.notEqual(await page.picture(), one);
  await page.click("random");
  await page.click("texts");
  assert.ok((await page.number("live")) > 100);
  const many = await page.picture();
  await page.click("half");
  assert.notEqual(await page.picture(), many, "the map shows what was freed");
  assert.equal(await page.text("valid"), "yes");
  await page.run('document.querySelector("#size").value = "2000000000"');
  await page.click("allocate");
  await page.click("allocate");
  await page.click("allocate");
  assert.match(await page.text("message"), /no memory for 2000000000 bytes/);
  await page.run('document.querySelector("#size").value = "-1"');
  await page.click("allocate");
  assert.match(await page.text("message"), /whole number of bytes/);
  await page.click("clear");
  assert.equal(await page.number("live"), 0);
  assert.equal(await page.text("valid"), "yes");
  assert.deepEqual(page.problems, []);
}

const server = await serve();
const profile = await mkdtemp(join(tmpdir(), "rlsf-page-"));
const browser = new Browser(profile);
const late = setTimeout(() => {
  console.error("the browser did not answer within a minute");
  browser.process.kill();
  process.exit(1);
}, 60000);
try {
  await browser.open(`http://127.0.0.1:${server.address().port}/index.html`);
  await test(browser);
  console.log("ok the page in Chromium");
} finally {
  clearTimeout(late);
  browser.process.kill();
  await browser.ended;
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
