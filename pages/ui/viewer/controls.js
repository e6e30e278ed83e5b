/* The viewer's controls: reading them, setting them, and the keys that do the same. */
import { fillSelect } from "../web/elements.js";
import { layerWords } from "../web/outcomes.js";
import { say } from "../web/say.js";
import { drawable } from "./sheets.js";

const WAYS = { pixels: say("Pixels"), masks: say("Object masks"), boxes: say("Boxes") };
const STORED = "overlook.viewer";
const KEPT = ["mode", "draw", "outlines", "opacity", "errorsBy"];

/* What the visitor last set in this tab. */
export function storedSettings() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}

export function storeSettings(settings) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(settings, KEPT));
  } catch {
    // storage may be forbidden; then settings last as long as the page
  }
}

/* Offers the ways to draw that some layer has; keeps the chosen one if it is among them. */
export function offerWays(select, layers, chosen) {
  const ways = Object.keys(WAYS).filter((way) => layers.some((layer) => drawable(layer).includes(way)));
  const way = ways.includes(chosen) ? chosen : (ways[0] ?? "pixels");
  fillSelect(select, ways.map((each) => [each, WAYS[each]]), way);
  select.disabled = ways.length < 2;
  return way;
}

/* Offers the layers that fit for the two sides; keeps the chosen ones if they do. Returns them. */
export function offerSides(selects, layers, fits, chosen) {
  const offered = [...layers.keys()].filter((at) => fits(layers[at]));
  const sides = chosen.every((side) => offered.includes(side)) ? chosen : [offered[0], offered.at(-1)];
  selects.forEach((select, i) => {
    fillSelect(select, offered.map((at) => [at, layerWords(layers[at].name)]), sides[i]);
  });
  return sides;
}

const STEP = 40;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/* Calls the action of a key; returns whether there was one. */
export function pressKey(event, actions) {
  if (event.ctrlKey || event.metaKey || event.altKey || ownsKeys(event.target, event.key)) return false;
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) actions.movePoint(-arrow[0], -arrow[1]);
  else if (arrow) actions.move(arrow[0] * STEP, arrow[1] * STEP);
  else if (actions.keys[event.key]) actions.keys[event.key]();
  else return false;
  return true;
}

/* Sliders, lists and radio buttons need the arrows themselves; lists need letters too. */
function ownsKeys(target, key) {
  if (target.localName === "select") return true;
  if (target.localName === "button") return key === "Enter" || key === " ";
  return target.localName === "input" && (key.startsWith("Arrow") || key === " ");
}
