/* Links of the app, written as text only and opened without loading the app anew. */
import { element } from "../web/elements.js";
import { follow } from "../gallery/cells.js";

function row({ kind, text, href }) {
  const anchor = element("a", { href: new URL(href, location.href).href },
    element("span", { className: "kind", textContent: kind }),
    element("span", { className: "text", textContent: text }));
  anchor.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // as links do
    event.preventDefault();
    follow(anchor.href);
  };
  return element("li", {}, anchor);
}

export default function ({ data, parentElement }) {
  parentElement.querySelector(".links").replaceChildren(...data.links.map(row));
}
