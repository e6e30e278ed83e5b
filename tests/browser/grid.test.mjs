/* What a panel shows of an image, held against looking up each sample by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { gridOf, sampledEnds, sampledMap } from "../../pages/ui/web/grid.js";
import { numberedMasks, paintNumbers, panelNumbers, pixelsOf } from "../../pages/ui/web/numbers.js";
import { areaRule, lineRule } from "../../pages/ui/web/paint.js";
import { forEachPiece } from "../../pages/ui/web/runs.js";

let state = 7;
const random = (below) => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state % below;
};

const IMAGE = { width: 37, height: 23 };
const SIZE = { width: 60, height: 41 };
const VIEWS = [
  { scale: 1.6, x: 0.4, y: 2.1 },
  { scale: 0.31, x: 20.5, y: 3 },
  { scale: 7, x: -80, y: -30.25 },
  { scale: 0.5, x: -4, y: 0 },
  { scale: 2, x: 500, y: 0 },
];

/* Pixel of the image under a place of the panel, or null. */
function under(view, x, y) {
  const [column, row] = [Math.floor((x - view.x) / view.scale), Math.floor((y - view.y) / view.scale)];
  return column >= 0 && row >= 0 && column < IMAGE.width && row < IMAGE.height ? [column, row] : null;
}

function maskEnds(mask) {
  const ends = [];
  let inside = 0;
  for (let x = 0, i = 0; x < IMAGE.width; x++) {
    for (let y = 0; y < IMAGE.height; y++, i++) {
      if (mask[y * IMAGE.width + x] !== inside) ends.push(i);
      inside = mask[y * IMAGE.width + x];
    }
  }
  return Uint32Array.from([...ends, IMAGE.width * IMAGE.height]);
}

test("every pixel of a panel whose centre is in the image is sampled, and no other", () => {
  for (const view of VIEWS) {
    const grid = gridOf(IMAGE, view, SIZE);
    const [across, down] = [grid.columns.length / grid.steps, grid.rows.length / grid.steps];
    for (let y = 0; y < SIZE.height; y++) {
      for (let x = 0; x < SIZE.width; x++) {
        const inside = x >= grid.left && y >= grid.top && x < grid.left + across && y < grid.top + down;
        assert.equal(inside, under(view, x + 0.5, y + 0.5) !== null, `${x}, ${y} at ${view.scale}`);
      }
    }
  }
});

test("maps and masks are sampled where the panel shows them", () => {
  for (const view of VIEWS) {
    const grid = gridOf(IMAGE, view, SIZE);
    const labels = Uint8Array.from({ length: IMAGE.width * IMAGE.height }, () => random(3));
    const mask = labels.map((label) => (label === 1 ? 1 : 0));
    const [width, height] = [grid.columns.length, grid.rows.length];
    const sampled = sampledMap({ labels, ...IMAGE, void: 255 }, grid);
    assert.deepEqual([sampled.width, sampled.height, sampled.void], [width, height, 255]);
    const painted = new Uint8Array(width * height);
    forEachPiece(sampledEnds(maskEnds(mask), IMAGE.height, grid), height, (x, top, bottom) => {
      for (let y = top; y < bottom; y++) painted[y * width + x] = 1;
    });
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const place = [grid.left + (x + 0.5) / grid.steps, grid.top + (y + 0.5) / grid.steps];
        const found = under(view, ...place);
        if (!found) continue; // a sample at the border, outside a pixel whose centre is inside
        const at = found[1] * IMAGE.width + found[0];
        assert.equal(sampled.labels[y * width + x], labels[at]);
        assert.equal(painted[y * width + x], mask[at]);
      }
    }
  }
});

test("another view is sampled anew", () => {
  const map = { labels: Uint8Array.from({ length: 851 }, (_, i) => i % 250), ...IMAGE, void: 255 };
  const [first, second] = [VIEWS[0], VIEWS[1]].map((view) => gridOf(IMAGE, view, SIZE));
  assert.equal(sampledMap(map, first), sampledMap(map, first));
  assert.notEqual(sampledMap(map, second).width, sampledMap(map, first).width);
});

test("four samples become their mean, weighted by what is painted", () => {
  const [red, blue, none] = [0xff0000ff, 0xffff0000, 0];
  const samples = Uint32Array.from([red, red, red, blue, red, red, red, blue, none, none, none, red, none, none, none, none]);
  const colours = [...new Set(samples)];
  const cases = colours.map((colour) => ({ colour }));
  const numbers = samples.map((colour) => colours.indexOf(colour) + 3);
  const out = new Uint32Array(4);
  paintNumbers(out, panelNumbers({ numbers, cases }, 4, 2), pixelsOf(cases, ({ colour }) => colour));
  const words = [...out].map((pixel) => pixel.toString(16).padStart(8, "0"));
  assert.deepEqual(words, ["ff0000ff", "ff800080", "00000000", "400000ff"]);
});

/* Masks one after the other as they lie, each pixel looked up by itself. */
function overlaid(masks, { width, height }, reach, { colours, area, alone }) {
  const out = new Uint32Array(width * height);
  masks.forEach((mask, at) => {
    if (!colours[at]) return;
    const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
    for (let i = 0; i < out.length; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (!inside(x, y)) continue;
      const steps = Array.from({ length: reach }, (_, d) => d + 1);
      const edge = !steps.every((d) => [[d, 0], [-d, 0], [0, d], [0, -d]].every(([a, b]) => inside(x + a, y + b)));
      if (area || edge) out[i] = colours[at];
      else if (!alone) out[i] = 0;
    }
  });
  return out;
}

test("masks over each other are painted as if one by one, whichever are hidden", () => {
  const masks = Array.from({ length: 4 }, (_, shift) => {
    const [left, top] = [4 * shift, 2 * shift];
    return Uint8Array.from({ length: IMAGE.width * IMAGE.height }, (_, i) => {
      const [x, y] = [i % IMAGE.width, Math.floor(i / IMAGE.width)];
      return x >= left && x < left + 16 && y >= top && y < top + 14 && random(40) ? 1 : 0;
    });
  });
  const numbered = numberedMasks(masks.map((mask) => ({ ends: maskEnds(mask) })), IMAGE.width, IMAGE.height, 2);
  for (let hidden = 0; hidden < 16; hidden++) {
    const colours = masks.map((_, at) => (hidden & (1 << at) ? 0 : 0xff000001 + at));
    for (const [rule, way] of [
      [areaRule(colours), { area: true }],
      [lineRule(colours, false), {}],
      [lineRule(colours, true), { alone: true }],
    ]) {
      const out = new Uint32Array(numbered.numbers.length);
      paintNumbers(out, panelNumbers(numbered, IMAGE.width, 1), pixelsOf(numbered.cases, rule));
      assert.deepEqual(out, overlaid(masks, IMAGE, 2, { colours, ...way }));
    }
  }
});
