/* Sheets: one layer painted as the panel shows it, to lie over the photograph. */
import { halved, sampledEnds, sampledMap } from "../web/grid.js";
import {
  labelPixels,
  paintErrorKinds,
  paintErrors,
  paintLabelOutlines,
  paintLabels,
  paintMask,
  paintMaskOutline,
  pixelOf,
  shownLabels,
} from "../web/paint.js";

const FALLBACKS = {
  pixels: ["pixels", "masks", "boxes"],
  masks: ["masks", "boxes", "pixels"],
  boxes: ["boxes", "pixels"],
};

/* What a layer has to draw: "pixels", "masks", "boxes". */
export function drawable(layer) {
  const masks = layer.objects?.some((object) => object.ends);
  return [layer.map && "pixels", masks && "masks", layer.objects && "boxes"].filter(Boolean);
}

/* What is drawn of a layer when `wanted` is asked for: that, or the nearest thing it has. */
export function drawnAs(layer, wanted) {
  return FALLBACKS[wanted].find((way) => drawable(layer).includes(way)) ?? null;
}

/* Objects of the visible classes that reach the score. */
export function visibleObjects(layer, settings) {
  return (layer.objects ?? []).filter(
    (object) =>
      !settings.hidden.has(object.category) &&
      (object.score === null || object.score >= settings.threshold),
  );
}

/* A canvas with the pixels that the panel shows of the image, painted by `paint(samples)`. */
export function canvasOf({ steps, columns, rows }, paint) {
  const [width, height] = [columns.length / steps, rows.length / steps];
  if (!width || !height) return null;
  const samples = new Uint32Array(columns.length * rows.length);
  paint(samples);
  const shown = steps === 1 ? samples : halved(samples, columns.length, rows.length);
  const canvas = new OffscreenCanvas(width, height);
  const frame = new ImageData(new Uint8ClampedArray(shown.buffer), width, height);
  canvas.getContext("2d").putImageData(frame, 0, 0);
  return canvas;
}

/* {fill, lines, boxes}: fill is drawn with the opacity asked for, lines in full, boxes as
   vectors. settings: {draw, outlines, hidden, threshold}; grid: from `gridOf`. */
export function layerSheet(image, layer, settings, grid) {
  const way = drawnAs(layer, settings.draw);
  if (way === "pixels") return pixelSheet(image, layer, settings, grid);
  const colours = new Map(image.classes.map((each) => [each.index, each.colour]));
  const marks = visibleObjects(layer, settings).map((object) => ({
    object,
    colour: colours.get(object.category) ?? "#808080",
    outcome: null,
  }));
  return way === "masks" ? maskSheet(marks, settings, grid) : { boxes: marks };
}

/* Widths on the screen, in samples. */
const lineReach = (grid) => 2 * grid.steps * Math.round(devicePixelRatio || 1);
export const hatchPeriod = (grid) => 4 * lineReach(grid);

function pixelSheet(image, layer, settings, grid) {
  const pixels = labelPixels(image.classes, settings.hidden);
  const map = sampledMap(layer.map, grid);
  const period = hatchPeriod(grid);
  if (!settings.outlines) {
    return { fill: canvasOf(grid, (out) => paintLabels(out, map, pixels, period)), boxes: [] };
  }
  const nothing = new Uint32Array(pixels.length);
  return {
    fill: canvasOf(grid, (out) => paintLabels(out, map, nothing, period)),
    lines: canvasOf(grid, (out) => paintLabelOutlines(out, map, pixels, lineReach(grid))),
    boxes: [],
  };
}

export function maskSheet(marks, settings, grid) {
  const [width, height] = [grid.columns.length, grid.rows.length];
  const masked = marks
    .filter((mark) => mark.object.ends)
    .map(({ object, colour }) => ({
      pixel: pixelOf(colour),
      object: { ends: sampledEnds(object.ends, object.height, grid), height },
    }));
  const scratch = new Uint8Array(width * height);
  const lines = canvasOf(grid, (out) => {
    for (const { object, pixel } of masked) {
      if (!settings.outlines) paintMask(out, object, width, 0);
      paintMaskOutline(out, object, width, pixel, lineReach(grid), scratch);
    }
  });
  const boxes = marks.filter((mark) => !mark.object.ends);
  if (settings.outlines) return { lines, boxes };
  const fill = canvasOf(grid, (out) => {
    for (const { object, pixel } of masked) paintMask(out, object, width, pixel);
  });
  return { fill, lines, boxes };
}

/* The error map of a layer against the annotation, by pixels or by objects. */
export function errorSheet(image, truth, layer, settings, grid) {
  const way = drawnAs(layer, settings.draw);
  if (way === "pixels" && truth.map) {
    const shown = shownLabels(image.classes, settings.hidden);
    const [expected, found] = [truth.map, layer.map].map((map) => sampledMap(map, grid));
    const paint = (out) => {
      if (settings.errorsBy !== "kind" || !layer.kinds) {
        return paintErrors(out, expected, found, shown, image.outcomes, hatchPeriod(grid));
      }
      const colours = { right: image.outcomes.right, colours: Object.values(image.kinds) };
      const kinds = sampledMap(layer.kinds, grid);
      return paintErrorKinds(out, expected, found, kinds, shown, colours, hatchPeriod(grid));
    };
    return { fill: canvasOf(grid, paint), boxes: [] };
  }
  const marks = errorMarks(image, truth, layer, settings);
  return way === "masks" ? maskSheet(marks, settings, grid) : { boxes: marks };
}

/* Positions of the annotations that a layer misses: it never found them, or too unsurely. */
export function missedBy(layer, threshold) {
  const unsure = (layer.objects ?? []).filter((each) => each.matched >= 0 && each.score < threshold);
  return new Set([...layer.missed, ...unsure.map((each) => each.matched)]);
}

function errorMarks(image, truth, layer, settings) {
  const mark = (object, outcome) => ({ object, outcome, colour: image.outcomes[outcome] });
  const missed = missedBy(layer, settings.threshold);
  return [
    ...visibleObjects(truth, settings)
      .filter((object) => missed.has(object.index))
      .map((object) => mark(object, "false negative")),
    ...visibleObjects(layer, settings)
      .filter((object) => object.outcome)
      .map((object) => mark(object, object.outcome)),
  ];
}

/* Whether anything can be said about the errors of a layer. */
export function hasErrors(truth, layer) {
  const judged = layer.missed.length > 0 || layer.objects?.some((object) => object.outcome);
  return Boolean((truth?.map && layer.map) || judged);
}
