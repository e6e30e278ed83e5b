/* The components' pure functions, against cases that Python worked out (test_units.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { address, neighbour } from "../../pages/ui/gallery/cells.js";
import { marksOf, paintMasks } from "../../pages/ui/gallery/picture.js";
import { onlyShown, presentClasses, toggled } from "../../pages/ui/viewer/chips.js";
import { objectsAt } from "../../pages/ui/viewer/readout.js";
import { bestColumns, fitted, imagePoint, zoomed } from "../../pages/ui/viewer/view.js";
import { numberedLabels, numberedMasks, outlinedLabels, paintNumbers, panelNumbers, pixelsOf } from "../../pages/ui/web/numbers.js";
import * as paint from "../../pages/ui/web/paint.js";
import { readLayer, unpack } from "../../pages/ui/web/payload.js";
import { forEachPiece, isInside, runEnds } from "../../pages/ui/web/runs.js";

const cases = JSON.parse(readFileSync(process.env.CASES, "utf8"));

function decoded(counts, height, width) {
  const out = new Uint8Array(height * width);
  forEachPiece(runEnds(counts), height, (x, top, bottom) => {
    for (let y = top; y < bottom; y++) out[y * width + x] = 1;
  });
  return out;
}

test("masks decode as pycocotools decodes them", () => {
  for (const { counts, height, width, sha1 } of cases.masks) {
    assert.equal(createHash("sha1").update(decoded(counts, height, width)).digest("hex"), sha1);
  }
});

test("the runs of a mask end with its last pixel", () => {
  for (const { counts, height, width } of cases.masks) assert.equal(runEnds(counts).at(-1), height * width);
});

test("a pixel is inside where the decoded mask says so", () => {
  for (const { counts, height, width } of cases.masks.slice(0, 40)) {
    const ends = runEnds(counts);
    const mask = decoded(counts, height, width);
    for (let i = 0; i < mask.length; i += 7) {
      assert.equal(isInside(ends, height, i % width, Math.floor(i / width)), mask[i] === 1);
    }
  }
});

/* What a rule makes of numbers, a pixel a sample. */
function painted(numbered, rule) {
  const out = new Uint32Array(numbered.numbers.length);
  paintNumbers(out, panelNumbers(numbered, 0, 1), pixelsOf(numbered.cases, rule));
  return out;
}

test("mask outlines lie where the eroded mask does not", () => {
  for (const { counts, height, width, reach, outline } of cases.outlines) {
    const numbered = numberedMasks([{ ends: runEnds(counts) }], width, height, reach);
    assert.deepEqual([...painted(numbered, paint.lineRule([1], false))], outline);
  }
});

function maps({ height, width, bytes, labels }) {
  const array = bytes === 1 ? Uint8Array.from(labels) : Uint16Array.from(labels);
  return { labels: array, width, height, void: bytes === 1 ? 255 : 65535 };
}

test("error maps agree with NumPy", () => {
  for (const { truth, predicted, classes, hidden, outcomes } of cases.errors) {
    const colours = { right: "#010000", "false positive": "#020000", "false negative": "#030000", "wrong class": "#040000" };
    const shown = paint.shownLabels(classes, new Set(hidden));
    painted(numberedLabels([maps(truth), maps(predicted)], 8), paint.errorRule(shown, colours)).forEach((pixel, i) => {
      if (outcomes[i] === "void") assert.ok(![1, 2, 3, 4].includes(pixel & 255));
      else assert.equal(pixel, paint.pixelOf(colours[outcomes[i]]), `pixel ${i}: ${outcomes[i]}`);
    });
  }
});

test("label outlines agree with NumPy", () => {
  for (const { map, reach, outline } of cases.labelOutlines) {
    const outlines = outlinedLabels(numberedLabels([maps(map)], 8), maps(map), reach);
    assert.deepEqual([...painted(outlines, ([label]) => label + 1)], outline);
  }
});

test("labels get their class's colour; background, hidden and void get none", () => {
  const classes = [{ index: 0, colour: "#112233" }, { index: 1, colour: null }, { index: 2, colour: "#445566" }];
  const map = maps({ height: 1, width: 5, bytes: 1, labels: [0, 1, 2, 7, 255] });
  const out = painted(numberedLabels([map], 8), paint.labelRule(classes, new Set([2])));
  assert.deepEqual([...out].map((pixel) => pixel.toString(16)), ["ff332211", "0", "0", "ff808080", "0"]);
});

test("what Python packs, the browser reads", async () => {
  const { header, part } = unpack(new Uint8Array(Buffer.from(cases.payload.bytes, "base64")));
  const layer = await readLayer(header.layers[0], part, header.height);
  assert.deepEqual([...layer.map.labels], cases.payload.labels);
  assert.equal(layer.map.void, 65535);
  assert.deepEqual(layer.objects.map((object) => object.index), [2, 0, 1]);
  assert.deepEqual(layer.objects[2].box, [0.5, 1, 2, 3]);
  assert.equal(layer.objects[0].iou, null);
  assert.equal(header.classes[1].name, "<b>\u20ac</b>");
  const annotation = await readLayer(header.layers[1], part, header.height);
  assert.deepEqual(annotation.objects.map((object) => object.area), [24, 6, 1]);
});

test("the topmost object is read first; boxes stand in for missing masks", () => {
  const box = (index, box) => ({ index, box, ends: null, height: 10 });
  const objects = [box(0, [0, 0, 10, 10]), box(1, [2.5, 2.5, 2, 2])];
  assert.deepEqual(objectsAt(objects, 3, 3).map((each) => each.index), [1, 0]);
  assert.deepEqual(objectsAt(objects, 2, 2).map((each) => each.index), [1, 0]);
  assert.deepEqual(objectsAt(objects, 4, 4).map((each) => each.index), [0]);
  assert.deepEqual(objectsAt(objects, 10, 9), []);
});

test("masks of thumbnails are sampled at the centres of their pixels", () => {
  for (const { counts, height, width, box, size, sampled } of cases.thumbnails) {
    const out = new Uint32Array(size.width * size.height);
    const object = { ends: runEnds(counts), height, box };
    paintMasks(out, [{ object, colour: "#ffffff" }], size, { width, height });
    assert.deepEqual([...out].map((pixel) => (pixel ? 1 : 0)), sampled);
  }
});

test("outlines of masks are what lies near an edge; the picture's border is none", () => {
  for (const { counts, height, width, size, sampled } of cases.thumbnails) {
    const out = new Uint32Array(size.width * size.height);
    const object = { ends: runEnds(counts), height, box: [0, 0, width, height] };
    paintMasks(out, [{ object, colour: "#ffffff" }], size, { width, height }, 2);
    const within = (value, side) => Math.max(0, Math.min(side - 1, value));
    const at = (x, y) => sampled[within(y, size.height) * size.width + within(x, size.width)] === 1;
    out.forEach((pixel, i) => {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      const near = [[x - 2, y], [x + 2, y], [x, y - 2], [x, y + 2]].some(([a, b]) => !at(a, b));
      assert.equal(pixel !== 0, at(x, y) && near, `${x} ${y}`);
    });
  }
});

test("only one class, and all again", () => {
  const present = new Set([1, 2, 3]);
  const only = onlyShown(new Set(), 2, present);
  assert.deepEqual([...only], [1, 3]);
  assert.deepEqual([...onlyShown(only, 2, present)], []);
  assert.deepEqual([...onlyShown(new Set([2]), 2, present)], [1, 3]);
  assert.deepEqual([...toggled(new Set([1]), 1)], []);
  assert.deepEqual([...toggled(new Set([1]), 2)], [1, 2]);
});

test("present classes are of pixels and objects, without void", () => {
  const map = maps({ height: 1, width: 4, bytes: 1, labels: [3, 3, 255, 0] });
  const seen = presentClasses([{ map, objects: null }, { map: null, objects: [{ category: 300 }] }]);
  assert.deepEqual([...seen].sort((a, b) => a - b), [0, 3, 300]);
});

test("zooming keeps the point under the pointer", () => {
  let view = fitted({ width: 100, height: 50 }, { width: 400, height: 400 });
  assert.deepEqual([view.scale, view.x, view.y], [4, 0, 100]);
  const before = imagePoint(view, 130, 170);
  view = zoomed(view, 1.7, 130, 170);
  imagePoint(view, 130, 170).forEach((place, i) => assert.ok(Math.abs(place - before[i]) < 1e-9));
  assert.equal(zoomed(view, 1e9, 0, 0).scale, 64);
});

test("panels are arranged so that images are large", () => {
  assert.equal(bestColumns(1, { width: 900, height: 400 }, { width: 4, height: 3 }), 1);
  assert.equal(bestColumns(3, { width: 1800, height: 450 }, { width: 4, height: 3 }), 3);
  assert.equal(bestColumns(4, { width: 900, height: 800 }, { width: 4, height: 3 }), 2);
  assert.equal(bestColumns(2, { width: 900, height: 800 }, { width: 2048, height: 500 }), 1);
});

test("links take the sidebar's parameters along", () => {
  const now = "http://127.0.0.1:1/Images?runs=a&runs=b%26c&below=7&image=1&class=x";
  assert.equal(
    address("Masks?image=2&class=y", ["dataset", "runs", "class"], now),
    "http://127.0.0.1:1/Masks?image=2&class=y&runs=a&runs=b%26c",
  );
});

test("arrow keys stay on the grid", () => {
  assert.equal(neighbour("ArrowDown", 1, 4, 10), 5);
  assert.equal(neighbour("ArrowDown", 7, 4, 10), null);
  assert.equal(neighbour("ArrowLeft", 0, 4, 10), null);
  assert.equal(neighbour("End", 3, 4, 10), 9);
  assert.equal(neighbour("a", 3, 4, 10), null);
});

test("the annotation lies beneath a run's boxes only where that was asked for", () => {
  const [drawn, answered] = [{ category: 0, box: [0, 0, 2, 2] }, { category: 1, box: [1, 1, 2, 2] }];
  const layers = [{ objects: [drawn] }, { objects: [answered] }];
  const classes = [{ index: 0, colour: "#000001" }, { index: 1, colour: "#000002" }];
  const marks = (beneath, layer, hidden = []) =>
    marksOf({ classes, annotation_beneath: beneath }, layers, { layer, errors: false, hidden: new Set(hidden) });
  assert.deepEqual(marks(true, 1), [
    { object: drawn, colour: "#ffffff" },
    { object: answered, colour: "#000002" },
  ]);
  assert.deepEqual(marks(false, 1), [{ object: answered, colour: "#000002" }]);
  assert.deepEqual(marks(true, 0), [{ object: drawn, colour: "#000001" }]);
});
