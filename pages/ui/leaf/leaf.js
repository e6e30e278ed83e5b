/* The images before and after; the keys p and n, and a click, lead to them. */
import { address, follow } from "../gallery/cells.js";
import { announce, Asked } from "../web/ahead.js";
import { element } from "../web/elements.js";

const STEPS = { p: -1, n: 1 };

/* Whether a key press belongs to what it is typed into. */
export function isTyped(event) {
  const target = event.composedPath()[0];
  const types = ["input", "textarea", "select"].includes(target.localName) && target.type !== "range";
  return types || target.isContentEditable || event.ctrlKey || event.metaKey || event.altKey;
}

class Leaf {
  constructor(root) {
    this.root = root;
    this.asked = new Asked();
    this.press = (event) => {
      if (event.key in STEPS && !isTyped(event)) this.go(this.at + STEPS[event.key]);
    };
    window.addEventListener("keydown", this.press);
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  show({ place, strip, at, whole, carried }) {
    if (!this.asked.accepts(strip[at].image)) return;
    this.strip = strip.map((frame) => ({ ...frame, href: address(frame.href, carried, location.href) }));
    this.find(".place").textContent = place;
    this.find(".strip").replaceChildren(...this.strip.map((frame, i) => this.picture(frame, i)));
    this.find(".strip").hidden = strip.length < 2;
    const list = this.find(".whole");
    list.hidden = !whole;
    if (whole) lead(list, address(whole, carried, location.href));
    this.mark(at);
  }

  picture({ href, name, thumbnail }, i) {
    const shown = thumbnail
      ? element("img", { src: `data:image/jpeg;base64,${thumbnail}`, alt: name })
      : element("span", { textContent: name });
    const anchor = element("a", { title: name }, shown);
    lead(anchor, href, () => this.go(i));
    return element("li", {}, anchor);
  }

  /* Marks an image of the strip as the one that is shown. */
  mark(at) {
    this.at = at;
    [...this.find(".strip").children].forEach(({ firstChild }, i) => {
      if (i === at) firstChild.setAttribute("aria-current", "true");
      else firstChild.removeAttribute("aria-current");
    });
    lead(this.find(".before"), this.strip[at - 1]?.href, () => this.go(at - 1));
    lead(this.find(".after"), this.strip[at + 1]?.href, () => this.go(at + 1));
  }

  /* The viewer shows what it has at once; the rest of the page follows the address. */
  go(at) {
    const frame = this.strip[at];
    if (!frame || at === this.at) return;
    this.mark(at);
    announce(frame.image).then(() => this.strip[this.at] === frame && follow(frame.href));
  }

  end() {
    window.removeEventListener("keydown", this.press);
    this.asked.end();
  }
}

/* Makes an anchor lead to an address, or nowhere. */
function lead(anchor, href, go = () => follow(href)) {
  if (href) anchor.href = href;
  else anchor.removeAttribute("href");
  anchor.setAttribute("aria-disabled", String(!href));
  anchor.onclick = (event) => {
    if (!href || event.ctrlKey || event.metaKey || event.shiftKey) return; // as links do
    event.preventDefault();
    go();
  };
}

const LEAVES = new WeakMap();

export default function ({ data, parentElement }) {
  if (!LEAVES.has(parentElement)) LEAVES.set(parentElement, new Leaf(parentElement));
  LEAVES.get(parentElement).show(data);
  return () => {
    LEAVES.get(parentElement)?.end();
    LEAVES.delete(parentElement);
  };
}
