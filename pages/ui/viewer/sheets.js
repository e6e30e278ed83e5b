/* Sheets: one layer painted as the panel shows it, to lie over the photograph. */
import { sampledEnds, sampledMap } from "../web/grid.js";
import { madeOnce } from "../web/once.js";
import { numberedLabels, numberedMasks, outlinedLabels, paintNumbers, panelNumbers, pixelsOf } from "../web/numbers.js";
import { areaRule, errorKindRule, errorRule, labelRule, lineRule, pixelOf, shownLabels } from "../web/paint.js";

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
  return way === "masks" ? maskSheet(layer.objects, marks, settings, grid) : { boxes: marks };
}

/* Widths on the screen, in samples. */
const lineReach = (grid) => 2 * grid.steps * Math.round(devicePixelRatio || 1);
const hatchPeriod = (grid) => 4 * lineReach(grid);

function pixelSheet(image, layer, settings, grid) {
  const rule = labelRule(image.classes, settings.hidden);
  if (!settings.outlines) return mapSheet([layer.map], rule, grid);
  const outlines = madeOnce(grid, ["outlines", lineReach(grid), layer.map], () => {
    const map = sampledMap(layer.map, grid);
    return onPanel(outlinedLabels(numberedLabels([map], hatchPeriod(grid)), map, lineReach(grid)), grid);
  });
  const unlabelled = mapSheet([layer.map], () => 0, grid);
  return { ...unlabelled, lines: painted(grid, outlines, "lines", rule) };
}

/* The sheet of what up to three label maps say together; rule as for `pixelsOf`. */
export function mapSheet(maps, rule, grid) {
  const labels = madeOnce(grid, ["labels", hatchPeriod(grid), ...maps], () => {
    const sampled = maps.map((map) => sampledMap(map, grid));
    return onPanel(numberedLabels(sampled, hatchPeriod(grid)), grid);
  });
  return { fill: painted(grid, labels, "fill", rule), boxes: [] };
}

/* The sheet of those of `objects` that have a mark, {object, colour, outcome}. */
export function maskSheet(objects, marks, settings, grid) {
  const masked = objects.filter((object) => object.ends);
  const masks = madeOnce(grid, ["masks", lineReach(grid), ...masked], () => {
    const sampled = masked.map(({ ends, height }) => ({ ends: sampledEnds(ends, height, grid) }));
    return onPanel(numberedMasks(sampled, grid.columns.length, grid.rows.length, lineReach(grid)), grid);
  });
  const colours = new Map(marks.map(({ object, colour }) => [object, pixelOf(colour)]));
  const shown = masked.map((object) => colours.get(object) ?? 0);
  const lines = painted(grid, masks, "lines", lineRule(shown, settings.outlines));
  const boxes = marks.filter((mark) => !mark.object.ends);
  return settings.outlines ? { lines, boxes } : { fill: painted(grid, masks, "fill", areaRule(shown)), lines, boxes };
}

const onPanel = (numbered, grid) => panelNumbers(numbered, grid.columns.length, grid.steps);

/* The canvas `name` of what the panel shows by number, painted anew where colours changed. */
function painted(grid, shown, name, rule) {
  const [width, height] = [grid.columns.length / grid.steps, grid.rows.length / grid.steps];
  if (!width || !height) return null;
  const sheet = madeOnce(shown, [name], () => ({
    canvas: new OffscreenCanvas(width, height),
    frame: new ImageData(width, height),
    pixels: null,
  }));
  const pixels = pixelsOf(shown.cases, rule);
  if (sheet.pixels?.every((pixel, i) => pixel === pixels[i])) return sheet.canvas;
  sheet.pixels = pixels;
  paintNumbers(new Uint32Array(sheet.frame.data.buffer), shown, pixels);
  sheet.canvas.getContext("2d").putImageData(sheet.frame, 0, 0);
  return sheet.canvas;
}

/* The error map of a layer against the annotation, by pixels or by objects. */
export function errorSheet(image, truth, layer, settings, grid) {
  const way = drawnAs(layer, settings.draw);
  if (way === "pixels" && truth.map) {
    const shown = shownLabels(image.classes, settings.hidden);
    if (settings.errorsBy !== "kind" || !layer.kinds) {
      return mapSheet([truth.map, layer.map], errorRule(shown, image.outcomes), grid);
    }
    const colours = { right: image.outcomes.right, colours: Object.values(image.kinds) };
    return mapSheet([truth.map, layer.map, layer.kinds], errorKindRule(shown, colours), grid);
  }
  const marks = errorMarks(image, truth, layer, settings);
  const objects = [...(truth.objects ?? []), ...(layer.objects ?? [])];
  return way === "masks" ? maskSheet(objects, marks, settings, grid) : { boxes: marks };
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
