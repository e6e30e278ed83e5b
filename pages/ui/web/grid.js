/* Which pixels of an image the pixels of a panel show. Layers are painted at the resolution of the
   screen, so that the work is bounded by the screen and not by the image. */
import { madeOnce } from "./once.js";

/* Samples of the image under a panel of `size` in device pixels: {steps, columns, rows, left, top}.
   A pixel of the panel has steps × steps samples, two each way where the image is made smaller, so
   that thin parts are not lost; columns and rows say which pixel of the image each sample is of;
   left and top are where the first pixel lies on the panel. */
export function gridOf(image, view, size) {
  const steps = view.scale < 1 ? 2 : 1;
  const across = samplesAlong(view.x, view.scale, image.width, size.width, steps);
  const down = samplesAlong(view.y, view.scale, image.height, size.height, steps);
  return { steps, columns: across.places, rows: down.places, left: across.start, top: down.start };
}

function samplesAlong(offset, scale, length, room, steps) {
  const start = Math.max(0, Math.ceil(offset - 0.5));
  const end = Math.max(start, Math.min(room, Math.ceil(offset + length * scale - 0.5)));
  const places = new Int32Array((end - start) * steps);
  for (let i = 0; i < places.length; i++) {
    const place = Math.floor((start + (i + 0.5) / steps - offset) / scale);
    places[i] = Math.min(length - 1, Math.max(0, place));
  }
  return { start, places };
}

/* A label map as the samples see it. */
export function sampledMap(map, grid) {
  return madeOnce(grid, ["sampled", map], () => sampledAnew(map, grid)); // classes are toggled on one grid
}

function sampledAnew(map, { columns, rows }) {
  const width = columns.length;
  const height = rows.length;
  const labels = new map.labels.constructor(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const start = rows[y] * map.width;
    for (let x = 0; x < width; x++) labels[i++] = map.labels[start + columns[x]];
  }
  return { ...map, labels, width, height };
}

/* The run ends of a mask (column after column, by turns outside and inside) as the samples see it. */
export function sampledEnds(ends, height, { columns, rows }) {
  const firstRow = firstAtLeast(rows, height);
  const sampled = [];
  let run = 0; // of the image: ends[run] is the first end behind the column's start
  let last = -1;
  for (let x = 0; x < columns.length; x++) {
    const start = columns[x] * height;
    if (columns[x] !== last) run = firstBehind(ends, start, run);
    last = columns[x];
    for (let i = run; i < ends.length && (i === run || ends[i - 1] < start + height); i++) {
      if (i % 2 === 0) continue;
      const top = Math.max(0, ends[i - 1] - start);
      const bottom = Math.min(height, ends[i] - start);
      const [from, to] = [firstRow[top], firstRow[bottom]];
      if (to > from) sampled.push(x * rows.length + from, x * rows.length + to);
    }
  }
  return Uint32Array.from(sampled);
}

/* For each row of the image, and one more, the first sample that lies in it or below. */
function firstAtLeast(rows, height) {
  const first = new Int32Array(height + 1);
  for (let row = 0, i = 0; row <= height; row++) {
    while (i < rows.length && rows[i] < row) i++;
    first[row] = i;
  }
  return first;
}

function firstBehind(ends, place, from) {
  let low = from;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
