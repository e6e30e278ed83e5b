/* The cells of the grid: links that open an image, each with its checkbox. */
import { element } from "../web/elements.js";
import { say } from "../web/say.js";

/* The link's address with the sidebar's parameters of the current one. */
export function address(href, carried, current) {
  const target = new URL(href, current);
  const parameters = new URL(current).searchParams;
  for (const name of carried) {
    if (!target.searchParams.has(name)) {
      parameters.getAll(name).forEach((value) => target.searchParams.append(name, value));
    }
  }
  return target.href;
}

export function makeCell(cell, i, gallery) {
  const canvas = element("canvas");
  const frame = element("span", { className: "frame" }, canvas);
  const badges = cell.badges.map((textContent) => element("span", { className: "badge", textContent }));
  const anchor = element("a", { href: address(cell.href, gallery.carried, location.href), tabIndex: i ? -1 : 0 },
    frame,
    element("span", { className: "caption", textContent: cell.caption, title: cell.caption }),
    element("span", { className: "badges" }, ...badges));
  if (!cell.thumbnail) frame.append(missing());
  const place = element("div", { className: "cell" }, anchor);
  place.setAttribute("role", "listitem");
  place.dataset.id = cell.id;
  const made = { cell, canvas, anchor, place, box: null, layers: null, photograph: null };
  if (gallery.selectable) {
    made.box = element("input", { type: "checkbox", tabIndex: -1 });
    made.box.setAttribute("aria-label", say("Select {name}", { name: cell.caption }));
    place.append(element("label", { className: "pick" }, made.box));
  }
  return made;
}

function missing() {
  return element("span", { className: "missing" }, element("span", { textContent: say("no photograph") }));
}

/* Opens an address of this app without loading it anew: Streamlit follows the address bar. */
export function follow(href) {
  history.pushState(null, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/* Which cell an arrow key leads to, or null. */
export function neighbour(key, at, columns, count) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  const to = { Home: 0, End: count - 1 }[key] ?? (key in steps ? at + steps[key] : null);
  return to !== null && to >= 0 && to < count ? to : null;
}
