/* Where one run is right and another is not: what both do alike is not painted. */
import { differenceRule, shownLabels } from "../web/paint.js";
import { say } from "../web/say.js";
import { drawnAs, hasErrors, mapSheet, maskSheet, missedBy, visibleObjects } from "./sheets.js";

/* Whether a layer can be compared with another: it was held against the annotation. */
export function comparable(truth, layer) {
  return truth !== null && layer !== truth && hasErrors(truth, layer);
}

/* What the colours mean: {words: colour}. */
export function differenceKeys(image, [left, right]) {
  return {
    [say("only {run} right", { run: left.name })]: left.colour,
    [say("only {run} right", { run: right.name })]: right.colour,
    [say("both wrong")]: image.outcomes.ignored,
  };
}

/* The sheet of two layers, by pixels or by objects; settings and grid as for `layerSheet`. */
export function differenceSheet(image, truth, pair, settings, grid) {
  const ways = pair.map((layer) => drawnAs(layer, settings.draw));
  if (truth.map && ways.every((way) => way === "pixels")) {
    const rule = differenceRule(shownLabels(image.classes, settings.hidden), Object.values(differenceKeys(image, pair)));
    return mapSheet([truth, ...pair].map((layer) => layer.map), rule, grid);
  }
  const marks = differenceMarks(image, truth, pair, settings);
  const objects = [truth, ...pair].flatMap((layer) => layer.objects ?? []);
  return ways.includes("masks") ? maskSheet(objects, marks, settings, grid) : { boxes: marks };
}

/* Annotated objects that not both found, and the wrong predictions of each, in its own colour. */
export function differenceMarks(image, truth, pair, settings) {
  const missed = pair.map((layer) => missedBy(layer, settings.threshold));
  const [onlyLeft, onlyRight, neither] = Object.values(differenceKeys(image, pair));
  const objects = visibleObjects(truth, settings).flatMap((object) => {
    const [left, right] = missed.map((each) => each.has(object.index));
    if (left && right) return [{ object, colour: neither, outcome: "false negative" }];
    if (left || right) return [{ object, colour: left ? onlyRight : onlyLeft, outcome: null }];
    return [];
  });
  const wrong = pair.flatMap((layer) =>
    visibleObjects(layer, settings)
      .filter(({ outcome }) => outcome && outcome !== "right" && outcome !== "ignored")
      .map((object) => ({ object, colour: layer.colour, outcome: object.outcome })),
  );
  return [...objects, ...wrong];
}
