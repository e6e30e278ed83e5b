/* A click selects the object under the pointer and tells Python which. */
import { objectsAt } from "./readout.js";
import { visibleObjects } from "./sheets.js";

/* The object that a click on a panel means, {layer, object}, or null: of the layer that is drawn
   there, else of the annotation. */
export function clicked(panel, truth, [x, y], fraction, split, settings) {
  const side = panel.layers.length === 2 && fraction >= split ? 1 : 0;
  const drawn = panel.layers[side];
  for (const layer of drawn === truth || !truth ? [drawn] : [drawn, truth]) {
    const [object] = objectsAt(visibleObjects(layer, settings), x, y);
    if (object) return { layer, object };
  }
  return null;
}

/* The object that the page's address names, {layer, object}, or null. */
export function linked({ chosen }, layers) {
  const layer = chosen && layers.find((each) => each.name === chosen.layer);
  const object = layer?.objects?.find((each) => each.index === chosen.object);
  return object ? { layer, object } : null;
}

/* Selects, or selects nothing (null), which is told too: the address may name an object. */
export function select(viewer, chosen) {
  viewer.look.selected = chosen;
  viewer.draw();
  const [layer, object] = chosen ? [chosen.layer.name, chosen.object.index] : ["", -1];
  viewer.report("selected", { image: viewer.image.image, layer, object });
}
