/* Toggles for classes and layers. */
import { element, swatch } from "../web/elements.js";
import { say } from "../web/say.js";

/* Class indices that occur in any layer, as pixels or objects. */
export function presentClasses(layers) {
  const seen = new Set();
  for (const { map, objects } of layers) {
    if (map) {
      const present = new Uint8Array(65536);
      for (const label of map.labels) present[label] = 1;
      present[map.void] = 0;
      present.forEach((is, label) => is && seen.add(label));
    }
    objects?.forEach((object) => seen.add(object.category));
  }
  return seen;
}

/* The hidden classes after one was clicked. */
export function toggled(hidden, index) {
  const changed = new Set(hidden);
  if (!changed.delete(index)) changed.add(index);
  return changed;
}

/* The hidden classes after "only this one"; all are shown again if it was alone already. */
export function onlyShown(hidden, chosen, present) {
  const others = [...present].filter((index) => index !== chosen);
  const alone = !hidden.has(chosen) && others.every((index) => hidden.has(index));
  return new Set(alone ? [] : others);
}

/* A chip that shows or hides one thing. */
export function chip(name, colour, pressed, title) {
  const made = element("button", { type: "button", className: "chip", title }, swatch(colour), name);
  made.setAttribute("aria-pressed", String(pressed));
  return made;
}

/* One chip for each class. toggle(index) and only(index) change what is hidden. */
export function drawClassChips(place, classes, { toggle, only }) {
  place.replaceChildren(
    ...classes.map(({ index, name, colour }) => {
      const made = chip(name, colour, true, say("Click: show or hide. Double click: only this class."));
      made.dataset.index = index;
      made.onclick = (event) => (event.shiftKey ? only(index) : toggle(index));
      made.ondblclick = (event) => event.shiftKey || only(index);
      return made;
    }),
  );
}

/* Chips stay in place while their state changes: a second click must meet the same chip. */
export function pressChips(place, hidden) {
  for (const each of place.children) {
    each.setAttribute("aria-pressed", String(!hidden.has(Number(each.dataset.index))));
  }
}
