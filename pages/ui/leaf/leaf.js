/* Links to the images before and after; the keys p and n follow them. */
import { address, follow } from "../gallery/cells.js";

const KEYS = { p: "before", n: "after" };

/* Whether a key press belongs to what it is typed into. */
export function isTyped(event) {
  const target = event.composedPath()[0];
  const types = ["input", "textarea", "select"].includes(target.localName) && target.type !== "range";
  return types || target.isContentEditable || event.ctrlKey || event.metaKey || event.altKey;
}

function show(root, { place, links, carried }) {
  root.querySelector(".place").textContent = place;
  for (const [name, href] of Object.entries(links)) {
    const anchor = root.querySelector(`.${name}`);
    if (href) anchor.href = address(href, carried, location.href);
    else anchor.removeAttribute("href");
    anchor.setAttribute("aria-disabled", String(!href));
    anchor.onclick = (event) => {
      if (!href || event.ctrlKey || event.metaKey || event.shiftKey) return; // as links do
      event.preventDefault();
      follow(anchor.href);
    };
  }
  root.querySelector(".whole").hidden = !links.whole;
}

const PRESSES = new WeakMap();

export default function ({ data, parentElement }) {
  show(parentElement, data);
  if (!PRESSES.has(parentElement)) {
    const press = (event) => {
      const anchor = KEYS[event.key] && !isTyped(event) && parentElement.querySelector(`.${KEYS[event.key]}`);
      if (anchor && anchor.href) follow(anchor.href);
    };
    window.addEventListener("keydown", press);
    PRESSES.set(parentElement, press);
  }
  return () => {
    window.removeEventListener("keydown", PRESSES.get(parentElement));
    PRESSES.delete(parentElement);
  };
}
