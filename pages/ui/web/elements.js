/* Elements of the page. Text is always text: names come from data and may look like markup. */
import { outcomeWords } from "./outcomes.js";
import { say } from "./say.js";

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function swatch(colour) {
  const made = element("span", { className: colour ? "swatch" : "swatch empty" });
  if (colour) made.style.background = colour;
  return made;
}

export function fillSelect(select, options, chosen) {
  select.replaceChildren(
    ...options.map(([value, textContent]) =>
      element("option", { value, textContent, selected: String(value) === String(chosen) }),
    ),
  );
}

/* The legend of error maps, in colours and words. */
export function legend(outcomes) {
  const words = { "false negative": say("false negative (missed)") };
  return [
    ...Object.entries(outcomes).map(([name, colour]) =>
      element("span", { className: "key" }, swatch(colour), words[name] ?? outcomeWords(name)),
    ),
    element("span", { className: "key" }, element("span", { className: "swatch hatched" }), say("not labelled")),
  ];
}
