/* Masks as COCO's compressed run lengths: column after column, from the top left corner. */

/* Where each run ends, in pixels from the start; runs are by turns outside and inside.
   The text holds 5 bits a character from "0" on, bit 6 meaning "more"; from the third run on
   it holds the difference to the run before the last (pycocotools, rleFrString). */
export function runEnds(counts) {
  const lengths = [];
  for (let at = 0; at < counts.length; ) {
    let length = 0;
    let weight = 1;
    let code;
    do {
      code = counts.charCodeAt(at++) - 48;
      length += (code & 31) * weight;
      weight *= 32;
    } while (code & 32);
    if (code & 16) length -= weight;
    if (lengths.length > 2) length += lengths[lengths.length - 2];
    lengths.push(length);
  }
  let end = 0;
  return Uint32Array.from(lengths, (length) => (end += length));
}

/* Whether a pixel is inside the mask. */
export function isInside(ends, height, x, y) {
  const pixel = x * height + y;
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= pixel) low = middle + 1;
    else high = middle;
  }
  return low < ends.length && low % 2 === 1;
}

/* Calls draw(x, top, bottom) for each unbroken piece of a column; bottom is excluded. */
export function forEachPiece(ends, height, draw) {
  for (let i = 1; i < ends.length; i += 2) {
    for (let start = ends[i - 1]; start < ends[i]; ) {
      const x = Math.floor(start / height);
      const stop = Math.min(ends[i], (x + 1) * height);
      draw(x, start - x * height, stop - x * height);
      start = stop;
    }
  }
}
