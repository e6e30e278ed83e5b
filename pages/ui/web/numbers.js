/* Painting by numbers. Samples that are coloured by the same rule from the same labels or objects
   are one case; each sample gets its case's number once, and new colours are looked up.

   {numbers: of each sample, cases}: the first numbers are of nothing and of the hatching, number
   FIRST + i is of cases[i]. */
import { forEachPiece } from "./runs.js";

const NOTHING = 0;
const HATCH_LIGHT = 1;
const HATCH_DARK = 2;
const FIRST = 3;
const HATCHING = [0, 0xffe6e6e6, 0xff3c3c3c]; // pixels of the first numbers

/* The hatching of pixels that nobody labelled; `period` in pixels of the image. */
function hatch(x, y, period) {
  const place = (x + y) % period;
  if (place < period / 4) return HATCH_LIGHT;
  return place < period / 2 ? HATCH_DARK : NOTHING;
}

/* Numbers of what several maps of one size say together; a case is the label in each. What the first
   map leaves unlabelled is hatched; void in another map is the first one's void. */
export function numberedLabels([first, ...others], period) {
  return others.reduce((told, map) => refined(told, map, first.void), numberedMap(first, period));
}

function numberedMap({ labels, width, void: unlabelled }, period) {
  const numbers = new Uint32Array(labels.length);
  const cases = [];
  const known = new Uint32Array(65536);
  for (let i = 0; i < numbers.length; i++) {
    const label = labels[i];
    if (label === unlabelled) {
      numbers[i] = hatch(i % width, Math.floor(i / width), period);
      continue;
    }
    if (!known[label]) known[label] = FIRST + cases.push([label]) - 1;
    numbers[i] = known[label];
  }
  return { numbers, cases };
}

/* The cases told apart by the labels of one more map. */
function refined({ numbers: before, cases: fewer }, { labels, void: own }, unlabelled) {
  const numbers = new Uint32Array(before.length);
  const cases = [];
  const known = new Map();
  let [number, lastBefore, lastLabel] = [NOTHING, -1, -1];
  for (let i = 0; i < numbers.length; i++) {
    const was = before[i];
    const label = labels[i];
    if (was < FIRST) {
      numbers[i] = was;
      continue;
    }
    if (was !== lastBefore || label !== lastLabel) {
      [lastBefore, lastLabel] = [was, label];
      const key = was * 65536 + label;
      if (!known.has(key)) {
        known.set(key, FIRST + cases.push([...fewer[was - FIRST], label === own ? unlabelled : label]) - 1);
      }
      number = known.get(key);
    }
    numbers[i] = number;
  }
  return { numbers, cases };
}

/* The numbers of those pixels of a label that lie within `reach` of another label. */
export function outlinedLabels({ numbers, cases }, { labels, width, height }, reach) {
  const outlines = new Uint32Array(numbers.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (numbers[i] >= FIRST && nearAnother(labels, i, x, y, width, height, reach)) outlines[i] = numbers[i];
    }
  }
  return { numbers: outlines, cases };
}

function nearAnother(labels, i, x, y, width, height, reach) {
  const label = labels[i];
  for (let d = 1; d <= reach; d++) {
    if (x + d < width && labels[i + d] !== label) return true;
    if (x >= d && labels[i - d] !== label) return true;
    if (y + d < height && labels[i + d * width] !== label) return true;
    if (y >= d && labels[i - d * width] !== label) return true;
  }
  return false;
}

/* Numbers of masks over each other, the last on top. A case is {mask: place in the list, edge: whether
   within `reach` of the mask's edge, below: the number of what lies beneath}. masks: [{ends, height}]
   of `width` columns. */
export function numberedMasks(masks, width, height, reach) {
  const numbers = new Uint32Array(width * height);
  const cases = [];
  const inside = new Uint8Array(width * height);
  const outside = (x, y) => x < 0 || y < 0 || x >= width || y >= height || !inside[y * width + x];
  const nearEdge = (x, y) => {
    for (let d = 1; d <= reach; d++) {
      if (outside(x - d, y) || outside(x + d, y) || outside(x, y - d) || outside(x, y + d)) return true;
    }
    return false;
  };
  masks.forEach(({ ends }, mask) => {
    const known = new Map(); // on this mask: what lies beneath, twice, and 1 at the edge -> number
    const each = (act) =>
      forEachPiece(ends, height, (x, top, bottom) => {
        for (let y = top; y < bottom; y++) act(y * width + x, x, y);
      });
    each((i) => (inside[i] = 1));
    each((i, x, y) => {
      const edge = nearEdge(x, y);
      const key = 2 * numbers[i] + edge;
      if (!known.has(key)) {
        known.set(key, FIRST + cases.length);
        cases.push({ mask, edge, below: numbers[i] });
      }
      numbers[i] = known.get(key);
    });
    each((i) => (inside[i] = 0));
  });
  return { numbers, cases };
}

/* The pixel of each number. rule(case, pixels of the numbers before) gives that of a case. */
export function pixelsOf(cases, rule) {
  const pixels = new Uint32Array(FIRST + cases.length);
  pixels.set(HATCHING);
  cases.forEach((each, i) => (pixels[FIRST + i] = rule(each, pixels)));
  return pixels;
}

/* What is painted as pixels of the panel, with steps × steps samples each, one step or two. `uneven`
   are the places of pixels whose samples differ, `quads` the numbers of their four. */
export function panelNumbers({ numbers, cases }, width, steps) {
  if (steps === 1) return { numbers, cases, uneven: [], quads: [] };
  const out = new Uint32Array(numbers.length / 4);
  const uneven = new Uint32Array(out.length);
  const quads = new Uint32Array(numbers.length);
  let count = 0;
  for (let i = 0, to = 0; to < out.length; i += width) {
    for (const end = i + width; i < end; i += 2, to++) {
      const first = numbers[i];
      const second = numbers[i + 1];
      const third = numbers[i + width];
      const fourth = numbers[i + width + 1];
      out[to] = first;
      if (first === second && first === third && first === fourth) continue;
      quads.set([first, second, third, fourth], 4 * count);
      uneven[count++] = to;
    }
  }
  return { numbers: out, cases, uneven: uneven.slice(0, count), quads: quads.slice(0, 4 * count) };
}

/* Paints pixels of the panel; those with different samples get their mean. */
export function paintNumbers(out, { numbers, uneven, quads }, pixels) {
  for (let i = 0; i < out.length; i++) out[i] = pixels[numbers[i]];
  for (let k = 0, at = 0; k < uneven.length; k++, at += 4) {
    const [a, b, c, d] = [pixels[quads[at]], pixels[quads[at + 1]], pixels[quads[at + 2]], pixels[quads[at + 3]]];
    out[uneven[k]] = a === b && a === c && a === d ? a : mixed(a, b, c, d);
  }
}

/* The mean of four pixels, each painted in full (opaque) or not at all (0), colours weighted by how
   much they cover. */
function mixed(a, b, c, d) {
  const painted = (a >>> 31) + (b >>> 31) + (c >>> 31) + (d >>> 31);
  const mean = (shift) =>
    Math.round((((a >>> shift) & 255) + ((b >>> shift) & 255) + ((c >>> shift) & 255) + ((d >>> shift) & 255)) / painted);
  return ((Math.round((255 * painted) / 4) << 24) | (mean(16) << 16) | (mean(8) << 8) | mean(0)) >>> 0;
}
