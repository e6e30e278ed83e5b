/* What the slider of the score makes of hits, and which keys leaf through images. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isTyped } from "../../pages/ui/leaf/leaf.js";
import { flowed, keysOf } from "../../pages/ui/viewer/snapshot.js";
import { differenceMarks } from "../../pages/ui/viewer/differences.js";
import { clicked } from "../../pages/ui/viewer/selecting.js";
import { errorSheet, missedBy } from "../../pages/ui/viewer/sheets.js";

const hit = (matched, score) => ({ matched, score });

test("what was hit below the score is missed", () => {
  const layer = { missed: [4], objects: [hit(0, 0.9), hit(1, 0.3), hit(-1, 0.1)] };
  assert.deepEqual([...missedBy(layer, 0)], [4]);
  assert.deepEqual([...missedBy(layer, 0.3)], [4]);
  assert.deepEqual([...missedBy(layer, 0.31)], [4, 1]);
  assert.deepEqual([...missedBy(layer, 1)], [4, 0, 1]);
});

test("a layer without objects misses what it was said to miss", () => {
  assert.deepEqual([...missedBy({ missed: [2], objects: null }, 0.5)], [2]);
});

test("the error map shows hits below the score as missed, and not as right", () => {
  const box = (index, more) => ({ index, category: 0, box: [0, 0, 9, 9], crowd: false, ends: null, ...more });
  const truth = { map: null, objects: [box(0, { score: null }), box(1, { score: null })], missed: [] };
  const layer = { map: null, missed: [], objects: [
    box(0, { score: 0.9, matched: 0, outcome: "right" }),
    box(1, { score: 0.3, matched: 1, outcome: "right" }),
  ] };
  const image = { outcomes: { right: "#00ff00", "false negative": "#0000ff" } };
  const outcomes = (threshold) =>
    errorSheet(image, truth, layer, { draw: "boxes", hidden: new Set(), threshold }, null)
      .boxes.map((mark) => `${mark.outcome} ${mark.object.index}`);
  assert.deepEqual(outcomes(0.3), ["right 0", "right 1"]);
  assert.deepEqual(outcomes(0.5), ["false negative 1", "right 0"]);
});

const pressed = (target, more = {}) => ({ composedPath: () => [target], ...more });

test("keys that are typed somewhere do not leaf", () => {
  assert.ok(isTyped(pressed({ localName: "input", type: "text" })));
  assert.ok(isTyped(pressed({ localName: "textarea" })));
  assert.ok(isTyped(pressed({ localName: "select" })));
  assert.ok(isTyped(pressed({ localName: "div", isContentEditable: true })));
  assert.ok(isTyped(pressed({ localName: "body" }, { ctrlKey: true })));
  assert.ok(!isTyped(pressed({ localName: "body" })));
  assert.ok(!isTyped(pressed({ localName: "canvas" })));
  assert.ok(!isTyped(pressed({ localName: "input", type: "range" })));
});

test("words flow into lines, and one that is too long has its own", () => {
  assert.deepEqual(flowed([40, 50, 20, 300, 10], 100), [
    { x: 0, line: 0 },
    { x: 40, line: 0 },
    { x: 0, line: 1 },
    { x: 0, line: 2 },
    { x: 0, line: 3 },
  ]);
  assert.deepEqual(flowed([], 100), []);
});

test("a picture explains the colours that it shows", () => {
  const classes = [["cat", "#111111"], ["dog", "#222222"], ["cow", "#333333"], ["nothing", null]]
    .map(([name, colour], index) => ({ index, name, colour }));
  const image = { classes, outcomes: { right: "#00ff00" } };
  const shown = { image, outcomes: image.outcomes, present: new Set([0, 1, 3]) };
  const settings = { mode: "panels", hidden: new Set([1]) };
  assert.deepEqual(keysOf({ ...shown, settings }), [["cat", "#111111"]]);
  assert.deepEqual(keysOf({ ...shown, settings: { ...settings, mode: "errors" } }), [["right", "#00ff00"]]);
});

const square = (index, left, more) => ({ index, category: 0, box: [left, 0, 9, 9], ends: null, score: null, ...more });

test("differences are the objects that not both found, and what each found wrongly", () => {
  const truth = { objects: [0, 1, 2, 3].map((i) => square(i, 10 * i)) };
  const found = (matched, score) => square(matched, 10 * matched, { matched, score, outcome: "right" });
  const wrong = square(9, 50, { matched: -1, score: 0.9, outcome: "false positive" });
  const pair = [
    { colour: "#aaaaaa", name: "a", missed: [2, 3], objects: [found(0, 0.9), found(1, 0.9), wrong] },
    { colour: "#bbbbbb", name: "b", missed: [1, 3], objects: [found(0, 0.3), found(2, 0.9)] },
  ];
  const marks = (threshold) =>
    differenceMarks({ outcomes: { ignored: "#777777" } }, truth, pair, { hidden: new Set(), threshold })
      .map(({ object, colour }) => `${object.index} ${colour}`);
  assert.deepEqual(marks(0), ["1 #aaaaaa", "2 #bbbbbb", "3 #777777", "9 #aaaaaa"]);
  assert.deepEqual(marks(0.5), ["0 #aaaaaa", "1 #aaaaaa", "2 #bbbbbb", "3 #777777", "9 #aaaaaa"]);
});

test("a click means the topmost object of the layer drawn there, else the annotation's", () => {
  const truth = { objects: [square(0, 0), square(1, 30)] };
  const [left, right] = [{ objects: [square(4, 0, { score: 0.2 })] }, { objects: [square(5, 0, { score: 0.9 })] }];
  const settings = { hidden: new Set(), threshold: 0.5 };
  const at = (layers, x, fraction) => {
    const found = clicked({ layers }, truth, [x, 3], fraction, 0.5, settings);
    return found && [found.layer, found.object.index];
  };
  assert.deepEqual(at([right], 3, 0), [right, 5]);
  assert.deepEqual(at([left], 3, 0), [truth, 0]);
  assert.deepEqual(at([left, right], 3, 0.4), [truth, 0]);
  assert.deepEqual(at([left, right], 3, 0.6), [right, 5]);
  assert.deepEqual(at([right], 33, 0), [truth, 1]);
  assert.equal(at([right], 20, 0), null);
});
