/* One panel: its caption, its canvas, and how photograph and sheets are laid on it. */
import { drawBox, drawCaption } from "../web/boxes.js";
import { element, swatch } from "../web/elements.js";
import { layerWords } from "../web/outcomes.js";
import { say } from "../web/say.js";
import { presentClasses } from "./chips.js";

/* spec: {layers: [layer] or [left, right], mode, label: spoken description} */
export function makePanel(spec) {
  const canvas = element("canvas", { tabIndex: 0 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", spec.label);
  const caption = element("figcaption");
  for (const layer of spec.layers) {
    const words = spec.mode === "errors" ? say("{run}: errors", { run: layer.name }) : layerWords(layer.name);
    caption.append(element("span", { className: "name" }, swatch(layer.colour), words));
  }
  const figure = element("figure", { className: "panel" }, caption, canvas);
  return { ...spec, figure, canvas, sheets: [] };
}

/* What a panel of one layer shows, in words. */
export function spoken(image, layer, errors) {
  const names = [...presentClasses([layer])].map((index) => image.names.get(index) ?? say("class {index}", { index }));
  const shown = { layer: layerWords(layer.name), names: names.join(", ") || say("nothing") };
  return errors ? say("Errors of {layer}: {names}", shown) : `${shown.layer}: ${shown.names}`;
}

/* Makes the canvas as large as its place on the screen and returns its size in device pixels. */
export function sized(panel) {
  const ratio = devicePixelRatio || 1;
  const width = Math.max(1, Math.round(panel.canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(panel.canvas.clientHeight * ratio));
  if (panel.canvas.width !== width || panel.canvas.height !== height) {
    Object.assign(panel.canvas, { width, height });
  }
  return { width, height, ratio };
}

/* The photograph as every panel of a size shows it: scaled once for all of them. */
export function scaledPhotograph(image, view, size) {
  const canvas = new OffscreenCanvas(size.width, size.height);
  drawPhotograph(canvas.getContext("2d"), image, view);
  return canvas;
}

/* shown: {image: {names}, view: {scale, x, y}, grid, photograph: of this size}; look: {opacity,
   layersShown, split, point, selected}. */
export function drawPanel(panel, shown, look) {
  const { view, photograph } = shown;
  const size = sized(panel);
  const context = panel.canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  context.drawImage(photograph, 0, 0);
  if (look.layersShown) {
    const divider = size.width * look.split;
    panel.sheets.forEach((sheet, side) => {
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      if (panel.sheets.length === 2) {
        context.beginPath();
        context.rect(side ? divider : 0, 0, side ? size.width - divider : divider, size.height);
        context.clip();
      }
      drawSheet(context, sheet, shown, look, size);
      context.restore();
    });
  }
  if (panel.sheets.length === 2) drawDivider(context, size.width * look.split, size);
  if (look.selected) drawSelected(context, look.selected.object.box, view, size.ratio);
  if (look.point) drawCross(context, look.point, view, size.ratio);
}

function drawPhotograph(context, image, view) {
  context.setTransform(view.scale, 0, 0, view.scale, view.x, view.y);
  if (image.photograph) {
    context.imageSmoothingEnabled = view.scale < 2;
    context.imageSmoothingQuality = "high";
    context.drawImage(image.photograph, 0, 0, image.width, image.height);
  } else {
    context.fillStyle = "#b9bdc4";
    context.fillRect(0, 0, image.width, image.height);
  }
}

function drawSheet(context, sheet, { image, view, grid }, look, size) {
  context.globalAlpha = look.opacity;
  if (sheet.fill) context.drawImage(sheet.fill, grid.left, grid.top);
  context.globalAlpha = 1;
  if (sheet.lines) context.drawImage(sheet.lines, grid.left, grid.top);
  for (const { object, colour, outcome } of sheet.boxes) {
    drawBox(context, object.box, view, colour, outcome, 2 * size.ratio);
  }
  for (const { object, colour } of sheet.boxes) {
    const score = object.score === null ? "" : ` ${object.score.toFixed(2)}`;
    const name = image.names.get(object.category) ?? say("class {index}", { index: object.category });
    drawCaption(context, `${name}${score}`, object.box, view, colour, 11 * size.ratio);
  }
}

/* A frame around the selected object, at a little distance. */
function drawSelected(context, [x, y, width, height], view, ratio) {
  const gap = 3 * ratio;
  const place = { ...view, x: view.x - gap, y: view.y - gap };
  const grown = [x, y, width + (2 * gap) / view.scale, height + (2 * gap) / view.scale];
  drawBox(context, grown, place, "#ffffff", null, 3 * ratio);
}

function drawDivider(context, x, size) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#ffffff";
  context.fillRect(x - 2 * size.ratio, 0, 4 * size.ratio, size.height);
  context.fillStyle = "#111111";
  context.fillRect(x - size.ratio, 0, 2 * size.ratio, size.height);
}

function drawCross(context, [x, y], view, ratio) {
  context.setTransform(1, 0, 0, 1, view.x + (x + 0.5) * view.scale, view.y + (y + 0.5) * view.scale);
  for (const [colour, width] of [["#000000", 3 * ratio], ["#ffffff", ratio]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [across, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(across * 3 * ratio, down * 3 * ratio);
      context.lineTo(across * 9 * ratio, down * 9 * ratio);
    }
    context.stroke();
  }
}
