/* Sheets: one layer painted at the size of the image, to lie over the photograph. */
import {
  labelPixels,
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

/* A blank canvas of the image's size, painted by `paint(pixels)`. */
function canvasOf(image, paint) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const frame = new ImageData(image.width, image.height);
  paint(new Uint32Array(frame.data.buffer));
  canvas.getContext("2d").putImageData(frame, 0, 0);
  return canvas;
}

/* {fill, lines, boxes}: fill is drawn with the opacity asked for, lines in full, boxes as
   vectors. settings: {draw, outlines, hidden, threshold, reach}. */
export function layerSheet(image, layer, settings) {
  const way = drawnAs(layer, settings.draw);
  if (way === "pixels") return pixelSheet(image, layer, settings);
  const colours = new Map(image.classes.map((each) => [each.index, each.colour]));
  const marks = visibleObjects(layer, settings).map((object) => ({
    object,
    colour: colours.get(object.category) ?? "#808080",
    outcome: null,
  }));
  return way === "masks" ? maskSheet(image, marks, settings) : { boxes: marks };
}

function pixelSheet(image, layer, settings) {
  const pixels = labelPixels(image.classes, settings.hidden);
  const period = 8 * settings.reach;
  if (!settings.outlines) {
    return { fill: canvasOf(image, (out) => paintLabels(out, layer.map, pixels, period)), boxes: [] };
  }
  const nothing = new Uint32Array(pixels.length);
  return {
    fill: canvasOf(image, (out) => paintLabels(out, layer.map, nothing, period)),
    lines: canvasOf(image, (out) => paintLabelOutlines(out, layer.map, pixels, settings.reach)),
    boxes: [],
  };
}

function maskSheet(image, marks, settings) {
  const masked = marks.filter((mark) => mark.object.ends);
  const scratch = new Uint8Array(image.width * image.height);
  const lines = canvasOf(image, (out) => {
    for (const { object, colour } of masked) {
      if (!settings.outlines) paintMask(out, object, image.width, 0);
      paintMaskOutline(out, object, image.width, pixelOf(colour), settings.reach, scratch);
    }
  });
  const boxes = marks.filter((mark) => !mark.object.ends);
  if (settings.outlines) return { lines, boxes };
  const fill = canvasOf(image, (out) => {
    for (const { object, colour } of masked) paintMask(out, object, image.width, pixelOf(colour));
  });
  return { fill, lines, boxes };
}

/* The error map of a layer against the annotation, by pixels or by objects. */
export function errorSheet(image, truth, layer, settings) {
  const way = drawnAs(layer, settings.draw);
  if (way === "pixels" && truth.map) {
    const shown = shownLabels(image.classes, settings.hidden);
    const period = 8 * settings.reach;
    return {
      fill: canvasOf(image, (out) =>
        paintErrors(out, truth.map, layer.map, shown, image.outcomes, period),
      ),
      boxes: [],
    };
  }
  const marks = errorMarks(image, truth, layer, settings);
  return way === "masks" ? maskSheet(image, marks, settings) : { boxes: marks };
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
