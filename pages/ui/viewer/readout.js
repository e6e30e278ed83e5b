/* What each layer says about one pixel. */
import { element, swatch } from "../web/elements.js";
import { layerWords, outcomeWords } from "../web/outcomes.js";
import { isInside } from "../web/runs.js";
import { outcomeOf, shownLabels } from "../web/paint.js";
import { say } from "../web/say.js";

/* Objects at a pixel, the topmost first: inside the mask, or the box where there is none. */
export function objectsAt(objects, x, y) {
  return objects.filter((object) => covers(object, x, y)).reverse();
}

function covers(object, x, y) {
  if (object.ends) return isInside(object.ends, object.height, x, y);
  const [left, top, width, height] = object.box;
  return x + 0.5 >= left && y + 0.5 >= top && x + 0.5 < left + width && y + 0.5 < top + height;
}

export function labelAt(map, x, y) {
  const label = map.labels[y * map.width + x];
  return label === map.void ? null : label;
}

/* One row a layer: {label, object, more, outcome}; undefined where a layer has no such part. */
export function readLayers(image, layers, truth, x, y, visible) {
  const shown = shownLabels(image.classes, new Set());
  return layers.map((layer) => {
    const [object, ...others] = layer.objects ? objectsAt(visible(layer), x, y) : [];
    const label = layer.map ? labelAt(layer.map, x, y) : undefined;
    return { layer, label, object, more: others.length, outcome: rowOutcome(layer, truth) };

    function rowOutcome() {
      if (object) return object.outcome;
      if (layer === truth || !truth?.map || !layer.map) return null;
      const expected = labelAt(truth.map, x, y);
      return expected === null ? null : outcomeOf(expected, label ?? layer.map.void, shown);
    }
  });
}

const HEADINGS = [say("Layer"), say("Pixel"), say("Object"), say("Score"), "IoU", say("Outcome")];

export function drawReadout(place, image, point, rows) {
  const head = element("tr", {}, ...HEADINGS.map((textContent) => element("th", { scope: "col", textContent })));
  const body = rows.map((row) => element("tr", {}, ...cells(image, row)));
  const caption = point
    ? say("Column {column}, row {row}", { column: point[0], row: point[1] })
    : say("Move the pointer over an image, or press Shift and an arrow key, to read what is there.");
  place.replaceChildren(
    element("table", {},
      element("caption", { textContent: caption }),
      element("thead", {}, head),
      element("tbody", {}, ...body)),
  );
}

function cells(image, { layer, label, object, more, outcome }) {
  const number = (value) => element("td", { textContent: value?.toFixed(2) ?? "", className: "number" });
  const words = [outcome, object?.note].filter(Boolean).map(outcomeWords).join(", ");
  return [
    element("th", { scope: "row" }, swatch(layer.colour), layerWords(layer.name)),
    label === undefined ? element("td") : element("td", {}, ...className(image, label)),
    object ? element("td", {}, ...objectName(image, object, more)) : element("td"),
    number(object?.score),
    number(object?.iou),
    element("td", {}, ...(outcome ? [swatch(image.outcomes[outcome])] : []), words),
  ];
}

function className(image, label) {
  if (label === null) return [element("span", { className: "swatch hatched" }), say("not labelled")];
  const known = image.classes.find((each) => each.index === label);
  return [swatch(known?.colour), known?.name ?? say("class {label}, which has no name", { label })];
}

function objectName(image, object, more) {
  const others = more ? say(" and {more} more", { more }) : "";
  const crowd = object.crowd ? say(" (crowd)") : "";
  const [colour, name] = className(image, object.category);
  return [colour, `${name} #${object.index}${crowd}${others}`];
}
