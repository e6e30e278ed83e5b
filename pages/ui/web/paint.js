/* Pure functions from labels and what became of them to pixels (uint32, as a little-endian ImageData
   has them), and rules for numbers.js: from a case to its pixel. */
const UNNAMED = 0xff808080;

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

/* What became of one pixel, given which labels count as something. */
export function outcomeOf(truth, predicted, shown) {
  if (shown[truth]) {
    if (truth === predicted) return "right";
    return shown[predicted] ? "wrong class" : "false negative";
  }
  return shown[predicted] ? "false positive" : null;
}

/* Of [label]. */
export function labelRule(classes, hidden) {
  const pixels = labelPixels(classes, hidden);
  return ([label]) => pixels[label];
}

/* Of [truth, predicted]: the error map of one prediction, in the colours of the outcomes. */
export function errorRule(shown, colours) {
  const pixels = new Map([[null, 0]]);
  for (const [outcome, colour] of Object.entries(colours)) pixels.set(outcome, pixelOf(colour));
  return ([truth, predicted]) => pixels.get(outcomeOf(truth, predicted, shown));
}

/* Of [truth, predicted, kind]: the same with wrong pixels in the colour of their kind, which is 1
   and its place among the colours. */
export function errorKindRule(shown, { right, colours }) {
  const pixels = [0, ...colours.map(pixelOf)];
  const hit = pixelOf(right);
  return ([truth, predicted, kind]) => {
    const outcome = outcomeOf(truth, predicted, shown);
    return outcome === null ? 0 : outcome === "right" ? hit : pixels[kind];
  };
}

/* Of [truth, first, second]: where two predictions differ in being right, in the colours of "only the
   first", "only the second" and "neither"; what both have right is not painted. */
export function differenceRule(shown, colours) {
  const [onlyFirst, onlySecond, neither] = colours.map(pixelOf);
  const right = (truth, predicted) => [null, "right"].includes(outcomeOf(truth, predicted, shown));
  return ([truth, first, second]) => {
    if (right(truth, first)) return right(truth, second) ? 0 : onlyFirst;
    return right(truth, second) ? onlySecond : neither;
  };
}

/* Of a mask of numbers.js, by the pixel of each mask, 0 for one that is not shown: the areas. */
export function areaRule(colours) {
  return ({ mask, below }, pixels) => colours[mask] || pixels[below];
}

/* The same for the lines around areas, which hide the lines beneath them, or for lines `alone`. */
export function lineRule(colours, alone) {
  return ({ mask, edge, below }, pixels) => {
    const covers = colours[mask] && (edge || !alone);
    if (!covers) return pixels[below];
    return edge ? colours[mask] : 0;
  };
}
