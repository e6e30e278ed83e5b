/* Pure functions from labels and masks to pixels (uint32, as a little-endian ImageData has them). */
import { forEachPiece } from "./runs.js";

const UNNAMED = 0xff808080;
const HATCH_LIGHT = 0xffe6e6e6;
const HATCH_DARK = 0xff3c3c3c;

/* "#rrggbb" as an opaque pixel; no colour is no paint. */
export function pixelOf(colour) {
  if (!colour) return 0;
  const value = parseInt(colour.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/* Pixel of each label; hidden classes and background are not painted. */
export function labelPixels(classes, hidden) {
  const pixels = new Uint32Array(65536).fill(UNNAMED);
  for (const { index, colour } of classes) pixels[index] = hidden.has(index) ? 0 : pixelOf(colour);
  return pixels;
}

/* 1 for each label that counts as "something": neither hidden, nor background, nor void. */
export function shownLabels(classes, hidden) {
  const shown = new Uint8Array(65536);
  for (const { index, colour } of classes) shown[index] = colour && !hidden.has(index) ? 1 : 0;
  return shown;
}

/* The hatching of pixels that nobody labelled; `period` in pixels of the image. */
export function hatch(x, y, period) {
  const place = (x + y) % period;
  if (place < period / 4) return HATCH_LIGHT;
  return place < period / 2 ? HATCH_DARK : 0;
}

export function paintLabels(out, map, pixels, period) {
  const { labels, width } = map;
  for (let i = 0; i < out.length; i++) {
    const label = labels[i];
    out[i] = label === map.void ? hatch(i % width, Math.floor(i / width), period) : pixels[label];
  }
}

/* Pixels of a label that lie within `reach` of another label. */
export function paintLabelOutlines(out, map, pixels, reach) {
  const { labels, width, height } = map;
  const shown = (label) => (label === map.void ? 0 : pixels[label]);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (nearAnother(labels, i, x, y, width, height, reach)) out[i] = shown(labels[i]);
    }
  }
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

/* What became of one pixel, given which labels count as something. */
export function outcomeOf(truth, predicted, shown) {
  if (shown[truth]) {
    if (truth === predicted) return "right";
    return shown[predicted] ? "wrong class" : "false negative";
  }
  return shown[predicted] ? "false positive" : null;
}

/* The error map of one prediction; pixels that nobody labelled are hatched. */
export function paintErrors(out, truth, predicted, shown, colours, period) {
  const table = new Map([[null, 0]]);
  for (const [outcome, colour] of Object.entries(colours)) table.set(outcome, pixelOf(colour));
  const { width } = truth;
  for (let i = 0; i < out.length; i++) {
    const label = truth.labels[i];
    out[i] =
      label === truth.void
        ? hatch(i % width, Math.floor(i / width), period)
        : table.get(outcomeOf(label, labelIn(truth, predicted, i), shown));
  }
}

/* The same with wrong pixels in the colour of their kind: `kinds` holds 1 and the place among the
   colours for each of them. */
export function paintErrorKinds(out, truth, predicted, kinds, shown, { right, colours }, period) {
  const table = [0, ...colours.map(pixelOf)];
  const hit = pixelOf(right);
  const { width } = truth;
  for (let i = 0; i < out.length; i++) {
    const label = truth.labels[i];
    if (label === truth.void) {
      out[i] = hatch(i % width, Math.floor(i / width), period);
      continue;
    }
    const outcome = outcomeOf(label, labelIn(truth, predicted, i), shown);
    out[i] = outcome === null ? 0 : outcome === "right" ? hit : table[kinds.labels[i]];
  }
}

/* Where two predictions differ in being right: colours of "only the first", "only the second" and
   "neither"; what both have right is not painted. */
export function paintDifferences(out, truth, [first, second], shown, colours, period) {
  const [onlyFirst, onlySecond, neither] = colours.map(pixelOf);
  const right = (label, predicted, i) => {
    const outcome = outcomeOf(label, labelIn(truth, predicted, i), shown);
    return outcome === null || outcome === "right";
  };
  for (let i = 0; i < out.length; i++) {
    const label = truth.labels[i];
    if (label === truth.void) {
      out[i] = hatch(i % truth.width, Math.floor(i / truth.width), period);
    } else if (right(label, first, i)) {
      out[i] = right(label, second, i) ? 0 : onlyFirst;
    } else {
      out[i] = right(label, second, i) ? onlySecond : neither;
    }
  }
}

/* The predicted label; void means the same in maps of either size. */
function labelIn(truth, predicted, i) {
  const label = predicted.labels[i];
  return label === predicted.void ? truth.void : label;
}

export function paintMask(out, object, width, pixel) {
  forEachPiece(object.ends, object.height, (x, top, bottom) => {
    for (let y = top; y < bottom; y++) out[y * width + x] = pixel;
  });
}

/* Pixels of the mask within `reach` of its edge. `scratch` has a byte a pixel, all zero, and is
   handed back so. */
export function paintMaskOutline(out, object, width, pixel, reach, scratch) {
  const { ends, height } = object;
  const fill = (value) =>
    forEachPiece(ends, height, (x, top, bottom) => {
      for (let y = top; y < bottom; y++) scratch[y * width + x] = value;
    });
  const outside = (x, y) => x < 0 || y < 0 || x >= width || y >= height || !scratch[y * width + x];
  fill(1);
  forEachPiece(ends, height, (x, top, bottom) => {
    for (let y = top; y < bottom; y++) {
      for (let d = 1; d <= reach; d++) {
        if (outside(x - d, y) || outside(x + d, y) || outside(x, y - d) || outside(x, y + d)) {
          out[y * width + x] = pixel;
          break;
        }
      }
    }
  });
  fill(0);
}
