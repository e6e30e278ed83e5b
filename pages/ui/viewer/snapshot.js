/* The panels as one picture: the image's name, each panel under its caption, what colours mean. */
import { element } from "../web/elements.js";
import { outcomeWords } from "../web/outcomes.js";

const LINE = 24; // all lengths in CSS pixels
const SWATCH = 12;
const GAP = 14;
const MARGIN = 12;

/* Where words go that follow each other in lines no longer than `width`: [{x, line}]. */
export function flowed(widths, width) {
  let x = 0;
  let line = 0;
  return widths.map((each) => {
    if (x > 0 && x + each > width) {
      x = 0;
      line += 1;
    }
    const place = { x, line };
    x += each;
    return place;
  });
}

/* What the colours of the picture mean: [[name, colour]]. */
export function keysOf({ settings, image, present, outcomes }) {
  if (["errors", "differences"].includes(settings.mode)) {
    return Object.entries(outcomes).map(([name, colour]) => [outcomeWords(name), colour]);
  }
  return image.classes
    .filter(({ index, colour }) => colour && present.has(index) && !settings.hidden.has(index))
    .map(({ name, colour }) => [name, colour]);
}

/* A canvas with all that the viewer shows, at the screen's own resolution. */
export function snapshot(viewer, title) {
  const style = getComputedStyle(viewer.find(".viewer"));
  const frame = viewer.find(".panels").getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  const canvas = element("canvas");
  const context = canvas.getContext("2d");
  const font = `13px ${style.fontFamily}`;
  context.font = font;
  const keys = keysOf({ ...viewer, outcomes: viewer.outcomes() });
  const places = flowed(keys.map(([name]) => SWATCH + context.measureText(name).width + GAP), frame.width);
  const below = keys.length ? (places.at(-1).line + 1) * LINE : 0;
  canvas.width = Math.round((frame.width + 2 * MARGIN) * ratio);
  canvas.height = Math.round((LINE + frame.height + below + MARGIN) * ratio);
  context.scale(ratio, ratio);
  Object.assign(context, { font, textBaseline: "middle", fillStyle: style.getPropertyValue("--st-background-color") });
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN, 0);
  context.fillStyle = style.color;
  context.fillText(title, 0, LINE / 2);
  viewer.panels.forEach((panel) => drawOne(context, panel, frame, { ink: style.color, ratio }));
  keys.forEach(([name, colour], i) => {
    drawKey(context, name, colour, places[i].x, LINE * (places[i].line + 1.5) + frame.height, style.color);
  });
  return canvas;
}

function drawOne(context, { figure, canvas }, frame, { ink, ratio }) {
  const caption = figure.querySelector("figcaption").getBoundingClientRect();
  const whole = figure.getBoundingClientRect();
  context.fillStyle = getComputedStyle(figure).backgroundColor;
  context.fillRect(whole.left - frame.left, LINE + whole.top - frame.top, whole.width, whole.height);
  context.fillStyle = ink;
  for (const name of figure.querySelectorAll(".name")) {
    const { left } = name.getBoundingClientRect();
    context.fillText(name.textContent, left - frame.left, LINE + caption.top - frame.top + caption.height / 2);
  }
  const at = canvas.getBoundingClientRect();
  const wholePixel = (length) => Math.round(length * ratio) / ratio; // else all is blurred
  const [x, y] = [at.left - frame.left, LINE + at.top - frame.top].map(wholePixel);
  context.drawImage(canvas, x, y, canvas.width / ratio, canvas.height / ratio);
}

function drawKey(context, name, colour, x, y, ink) {
  context.fillStyle = colour;
  context.fillRect(x, y - SWATCH / 2, SWATCH, SWATCH);
  context.fillStyle = ink;
  context.fillText(name, x + SWATCH + 4, y);
}
