/* Boxes and their captions, drawn in the pixels of the screen so that lines keep their width. */

/* How an outcome's lines are broken, so that colour is never alone; unit: line widths. */
const DASHES = { "false positive": [4, 2], "false negative": [1, 2], "wrong class": [6, 2, 1, 2] };

/* place: {scale, x, y}, from pixels of the image to pixels of the canvas. */
export function drawBox(context, box, place, colour, outcome, line) {
  const [x, y, width, height] = box;
  const frame = [
    x * place.scale + place.x,
    y * place.scale + place.y,
    width * place.scale,
    height * place.scale,
  ];
  context.setLineDash([]);
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.lineWidth = line * 2;
  context.strokeRect(...frame);
  context.setLineDash((DASHES[outcome] ?? []).map((part) => part * line));
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.strokeRect(...frame);
  context.setLineDash([]);
}

/* The caption at the box's top left corner, left out where it would be wider than the box. */
export function drawCaption(context, text, box, place, colour, size) {
  context.font = `600 ${size}px sans-serif`;
  const width = context.measureText(text).width + size * 0.6;
  if (width > Math.max(box[2] * place.scale, size * 5)) return;
  const x = box[0] * place.scale + place.x;
  const y = Math.max(box[1] * place.scale + place.y - size * 1.35, place.top ?? 0);
  context.fillStyle = colour;
  context.fillRect(x, y, width, size * 1.35);
  context.fillStyle = isLight(colour) ? "#000000" : "#ffffff";
  context.textBaseline = "middle";
  context.fillText(text, x + size * 0.3, y + size * 0.7);
}

/* Whether black reads better than white on a colour: relative luminance (WCAG) above 0.179. */
export function isLight(colour) {
  const linear = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179;
}
