/* What Python packed: length of the header, the header, then parts named by [offset, length]. */
import { runEnds } from "./runs.js";

export function unpack(bytes) {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const part = ([offset, length]) => bytes.subarray(start + offset, start + offset + length);
  return { header, part };
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/* The photograph as a bitmap, or null if there is none or it cannot be read. */
export async function readPhotograph(place, part) {
  if (!place) return null;
  try {
    return await createImageBitmap(new Blob([part(place)]));
  } catch {
    return null;
  }
}

/* One layer with its label map and objects; `height` is that of the image. */
export async function readLayer(header, part, height) {
  const [map, kinds, objects] = await Promise.all([
    header.map && readMap(header.map, part),
    header.kinds && readMap(header.kinds, part),
    header.objects && readObjects(header.objects, part, height),
  ]);
  return { ...header, map, kinds, objects };
}

async function readMap(header, part) {
  const buffer = await inflated(part(header.part));
  return { ...header, labels: header.bytes === 1 ? new Uint8Array(buffer) : new Uint16Array(buffer) };
}

async function readObjects(place, part, height) {
  const columns = JSON.parse(new TextDecoder().decode(await inflated(part(place))));
  const of = (name, i) => columns[name]?.[i] ?? null;
  const objects = columns.classes.map((category, index) => ({
    index,
    category,
    height,
    box: columns.boxes[index],
    area: columns.areas[index],
    crowd: columns.crowd[index],
    score: of("scores", index),
    ends: columns.masks && runEnds(columns.masks[index]),
    outcome: of("outcomes", index),
    iou: of("ious", index),
    note: of("notes", index),
    matched: of("matched", index) ?? -1,
  }));
  return inPaintingOrder(objects);
}

/* What is painted last lies on top: the surest predictions, the smallest annotations. */
function inPaintingOrder(objects) {
  return objects.sort((a, b) => (a.score ?? 0) - (b.score ?? 0) || b.area - a.area);
}
