/* Which answers of the server are of the image asked for, and which payloads are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = new EventTarget();
const { announce, Asked, remember, remembered } = await import("../../pages/ui/web/ahead.js");

const payload = (context, image) => {
  const header = new TextEncoder().encode(JSON.stringify({ context, image }));
  const bytes = new Uint8Array(4 + header.length);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  return bytes;
};

test("what the server sends of images before the one asked for is passed over", async () => {
  const turned = [];
  const asked = new Asked((image) => turned.push(image));
  assert.ok(asked.accepts("1"));
  await announce("2");
  await announce("3");
  assert.deepEqual(turned, ["2", "3"]);
  assert.deepEqual(["1", "2", "3", "1"].map((image) => asked.accepts(image)), [false, false, true, true]);
  asked.end();
  await announce("4");
  assert.deepEqual(turned, ["2", "3"]);
});

test("the newest eight images are kept, by image and by all else a view depends on", () => {
  for (let i = 0; i < 9; i++) remember(payload("a", `${i}`));
  remember(payload("a", "1"));
  remember(payload("b", "1"));
  const kept = [..."012345678"].filter((image) => remembered("a", image));
  assert.deepEqual(kept, [..."1345678"]);
  assert.notEqual(remembered("a", "1"), remembered("b", "1"));
  assert.equal(remembered("b", "2"), undefined);
});
