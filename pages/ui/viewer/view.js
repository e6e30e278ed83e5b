/* Where the image lies on its panels: pure functions on {scale, x, y, fit}, shared by all panels. */

const SMALLEST = 0.02;
const LARGEST = 64;

/* The number of columns that shows `count` panels of an image largest. */
export function bestColumns(count, area, image) {
  let best = 1;
  let largest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const width = area.width / columns;
    const height = area.height / Math.ceil(count / columns);
    const scale = Math.min(width / image.width, height / image.height);
    if (scale > largest * 1.001) [best, largest] = [columns, scale];
  }
  return best;
}

/* The view that shows the whole image in the middle of a panel. */
export function fitted(image, size) {
  const scale = Math.min(size.width / image.width, size.height / image.height);
  return {
    scale,
    x: (size.width - image.width * scale) / 2,
    y: (size.height - image.height * scale) / 2,
    fit: true,
  };
}

/* Zooms so that the point (x, y) of the canvas stays where it is. */
export function zoomed(view, factor, x, y) {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const growth = scale / view.scale;
  return { scale, x: x - (x - view.x) * growth, y: y - (y - view.y) * growth, fit: false };
}

export function moved(view, x, y) {
  return { ...view, x: view.x + x, y: view.y + y, fit: false };
}

/* The point of the image under a point of the canvas. */
export function imagePoint(view, x, y) {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}
