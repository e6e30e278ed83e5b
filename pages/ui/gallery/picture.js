/* One cell's picture: the thumbnail and, over it, one layer or its errors. */
import { drawBox } from "../web/boxes.js";
import { madeOnce } from "../web/once.js";
import { numberedLabels, paintNumbers, panelNumbers, pixelsOf } from "../web/numbers.js";
import { errorRule, labelRule, pixelOf, shownLabels } from "../web/paint.js";
import { isInside } from "../web/runs.js";

const SMALLEST_SIDE = 96;
const OUTLINE = 2;
const BENEATH = "#ffffff";
const HATCH = 6; // period, pixels of the thumbnail

/* The size a cell is drawn at: the thumbnail's own, or that of the image made to fit. */
export function pictureSize(cell, photograph) {
  if (photograph) return { width: photograph.width, height: photograph.height };
  const scale = Math.min(240 / cell.width, 180 / cell.height, 1);
  return {
    width: Math.max(1, Math.round(cell.width * scale)),
    height: Math.max(1, Math.round(cell.height * scale)),
  };
}

/* choice: {layer, errors, hidden}; the annotation, if there is one, is the first layer. */
export function marksOf(gallery, layers, choice) {
  const visible = (layer) => (layer.objects ?? []).filter((each) => !choice.hidden.has(each.category));
  const layer = layers[choice.layer];
  if (!choice.errors) {
    const colours = new Map(gallery.classes.map((each) => [each.index, each.colour]));
    const beneath = gallery.annotation_beneath && choice.layer > 0 ? visible(layers[0]) : [];
    return [
      ...beneath.map((object) => ({ object, colour: BENEATH })),
      ...visible(layer).map((object) => ({ object, colour: colours.get(object.category) ?? "#808080" })),
    ];
  }
  const missed = visible(layers[0])
    .filter((object) => layer.missed.includes(object.index))
    .map((object) => ({ object, outcome: "false negative" }));
  const judged = visible(layer)
    .filter((object) => object.outcome && object.outcome !== "right")
    .map((object) => ({ object, outcome: object.outcome }));
  return [...missed, ...judged].map((mark) => ({ ...mark, colour: gallery.outcomes[mark.outcome] }));
}

/* The painted layer at its own size, or null if it has no label map. */
export function mapPicture(gallery, layers, choice) {
  const { map } = layers[choice.layer];
  const truth = layers[0].map;
  if (!map || (choice.errors && !truth)) return null;
  const canvas = new OffscreenCanvas(map.width, map.height);
  const frame = new ImageData(map.width, map.height);
  const numbers = numbersOf(choice.errors ? [truth, map] : [map]);
  const rule = choice.errors
    ? errorRule(shownLabels(gallery.classes, choice.hidden), { ...gallery.outcomes, right: null })
    : labelRule(gallery.classes, choice.hidden);
  paintNumbers(new Uint32Array(frame.data.buffer), numbers, pixelsOf(numbers.cases, rule));
  canvas.getContext("2d").putImageData(frame, 0, 0);
  return canvas;
}

/* What label maps of a thumbnail say together, by number: classes are chosen on the same maps. */
function numbersOf(maps) {
  return madeOnce(maps.at(-1), maps, () => panelNumbers(numberedLabels(maps, HATCH), maps[0].width, 1));
}

/* Masks, sampled at the centres of the picture's pixels; with a `reach` only what lies so near to
   their edges. Where the picture ends a mask has no edge. */
export function paintMasks(out, marks, size, cell, reach = 0) {
  for (const { object, colour } of marks) {
    if (!object.ends) continue;
    const pixel = pixelOf(colour);
    const [left, top, width, height] = object.box;
    const [across, down] = [size.width / cell.width, size.height / cell.height];
    const right = Math.min(size.width, Math.ceil((left + width) * across) + 1);
    const bottom = Math.min(size.height, Math.ceil((top + height) * down) + 1);
    const at = (x, y) => {
      const column = Math.floor((Math.min(Math.max(x, 0), size.width - 1) + 0.5) / across);
      const row = Math.floor((Math.min(Math.max(y, 0), size.height - 1) + 0.5) / down);
      return isInside(object.ends, object.height, column, row);
    };
    const deep = (x, y) => reach && at(x - reach, y) && at(x + reach, y) && at(x, y - reach) && at(x, y + reach);
    for (let y = Math.max(0, Math.floor(top * down) - 1); y < bottom; y++) {
      for (let x = Math.max(0, Math.floor(left * across) - 1); x < right; x++) {
        if (at(x, y) && !deep(x, y)) out[y * size.width + x] = pixel;
      }
    }
  }
}

function maskPicture(marks, size, cell, reach) {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const frame = new ImageData(size.width, size.height);
  paintMasks(new Uint32Array(frame.data.buffer), marks, size, cell, reach);
  canvas.getContext("2d").putImageData(frame, 0, 0);
  return canvas;
}

/* Draws a cell. `picture` is {photograph, layers, canvas, cell}. */
export function drawPicture(gallery, picture, choice, opacity) {
  const { photograph, layers, canvas, cell } = picture;
  const size = pictureSize(cell, photograph);
  Object.assign(canvas, size);
  canvas.classList.toggle("enlarged", Math.max(size.width, size.height) < SMALLEST_SIDE);
  const context = canvas.getContext("2d");
  if (photograph) context.drawImage(photograph, 0, 0);
  else {
    context.fillStyle = "#b9bdc4";
    context.fillRect(0, 0, size.width, size.height);
  }
  if (!layers.length) return;
  context.imageSmoothingEnabled = false;
  const painted = mapPicture(gallery, layers, choice);
  const marks = painted ? [] : marksOf(gallery, layers, choice);
  const reach = gallery.outlined ? OUTLINE : 0;
  context.globalAlpha = reach ? 1 : opacity;
  if (painted) context.drawImage(painted, 0, 0, size.width, size.height);
  else if (marks.some((mark) => mark.object.ends)) context.drawImage(maskPicture(marks, size, cell, reach), 0, 0);
  context.globalAlpha = 1;
  drawBoxes(context, marks, size, cell);
}

function drawBoxes(context, marks, size, cell) {
  const across = size.width / cell.width;
  for (const { object, colour, outcome } of marks) {
    if (!object.ends) drawBox(context, object.box, { scale: across, x: 0, y: 0 }, colour, outcome, 1.5);
  }
}
