/* The error map by kind: wrong pixels at a boundary, of an extent, of a whole segment. */
import { fillSelect } from "../web/elements.js";
import { say } from "../web/say.js";
import { drawnAs } from "./sheets.js";

const BY = { outcome: say("by outcome"), kind: say("by kind of wrong pixel") };

/* Offers the choice where the error map of some layer has kinds. Returns what the legend explains. */
export function offerKinds(control, layers, settings, image) {
  const offered =
    settings.mode === "errors" &&
    layers.some((layer) => layer.kinds && drawnAs(layer, settings.draw) === "pixels");
  control.hidden = !offered;
  fillSelect(control.querySelector("select"), Object.entries(BY), settings.errorsBy);
  const byKind = offered && settings.errorsBy === "kind";
  return byKind ? { right: image.outcomes.right, ...image.kinds } : image.outcomes;
}
