/* The gallery: cells decode when they come into sight; layers are drawn here, in the browser. */
import { fillSelect, legend } from "../web/elements.js";
import { readLayer, readPhotograph, unpack } from "../web/payload.js";
import { follow, makeCell, neighbour } from "./cells.js";
import { drawPicture } from "./picture.js";

class Gallery {
  constructor(root) {
    this.root = root;
    this.cells = [];
    this.selected = new Set();
    this.wanted = { name: null, category: "", opacity: 0.55 };
    this.sight = new IntersectionObserver((entries) => this.look(entries), {
      root: this.find(".grid"),
      rootMargin: "300px",
    });
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  load(bytes, report) {
    this.report = report;
    const { header, part } = unpack(bytes);
    if (this.key === header.key) return;
    Object.assign(this, { key: header.key, gallery: header, part });
    this.root.host?.setAttribute("data-shown", "0");
    this.drawn = 0;
    this.sight.disconnect();
    this.cells = header.cells.map((cell, i) => makeCell(cell, i, header));
    this.cells.forEach((made) => this.sight.observe(made.place));
    this.find(".grid").replaceChildren(...this.cells.map((made) => made.place));
    this.find(".grid").scrollTop = 0;
    this.find(".grid").ariaLabel = `${header.noun}s`;
    this.setControls();
    this.keepSelection();
  }

  setControls() {
    const { layers, classes, annotated, outcomes } = this.gallery;
    const errors = annotated ? layers.slice(1) : [];
    const options = [
      ["photograph", "photograph only"],
      ...layers.map((name, i) => [`layer ${i}`, name]),
      ...errors.map((name, i) => [`errors ${i + 1}`, `errors of ${name}`]),
    ];
    const kept = options.some(([value]) => value === this.wanted.name);
    if (!kept) this.wanted.name = firstShown(this.gallery, options);
    fillSelect(this.find(".layer"), options, this.wanted.name);
    const painted = classes.filter((each) => each.colour);
    const preset = String(this.gallery.category ?? "");
    if (preset !== this.preset) this.wanted.category = this.preset = preset;
    if (!painted.some((each) => String(each.index) === this.wanted.category)) this.wanted.category = "";
    const names = painted.map((each) => [each.index, each.name]);
    fillSelect(this.find(".category"), [["", "all classes"], ...names], this.wanted.category);
    for (const name of ["layer", "class", "opacity"]) {
      this.find(`.${name}-control`).hidden = layers.length === 0;
    }
    if (this.gallery.outlined) this.find(".opacity-control").hidden = true;
    this.find(".legend").replaceChildren(
      ...legend(Object.fromEntries(Object.entries(outcomes).filter(([name]) => name !== "right"))),
    );
    this.setChoice();
  }

  setChoice() {
    const [kind, layer] = this.wanted.name.split(" ");
    const others = this.gallery.classes.map((each) => each.index);
    const only = this.wanted.category;
    const hidden = new Set(only === "" ? [] : others.filter((index) => String(index) !== only));
    this.choice = kind === "photograph" ? null : { layer: Number(layer), errors: kind === "errors", hidden };
    this.find(".legend").hidden = kind !== "errors";
    this.draw();
  }

  look(entries) {
    for (const { target, isIntersecting } of entries) {
      const made = this.cells.find((each) => each.place === target);
      if (made && isIntersecting) this.decode(made);
    }
  }

  async decode(made) {
    this.sight.unobserve(made.place);
    const key = this.key;
    const { cell } = made;
    const [photograph, ...layers] = await Promise.all([
      readPhotograph(cell.thumbnail, this.part),
      ...cell.layers.map((layer) => readLayer(layer, this.part, cell.height)),
    ]);
    if (key !== this.key) return;
    Object.assign(made, { photograph, layers });
    this.drawCell(made);
    this.root.host?.setAttribute("data-shown", String(++this.drawn));
  }

  draw() {
    this.cells.filter((made) => made.layers).forEach((made) => this.drawCell(made));
  }

  drawCell(made) {
    const layers = this.choice ? made.layers : [];
    drawPicture(this.gallery, { ...made, layers }, this.choice, this.wanted.opacity);
  }

  /* The selection is of the cells shown. */
  keepSelection() {
    const before = this.selected.size;
    const ids = new Set(this.cells.map((made) => made.cell.id));
    this.selected = new Set([...this.selected].filter((id) => ids.has(id)));
    this.showSelection();
    if (this.selected.size !== before) this.tell();
  }

  select(made, on) {
    if (on) this.selected.add(made.cell.id);
    else this.selected.delete(made.cell.id);
    this.last = made;
    this.showSelection();
    this.tell();
  }

  selectTo(made) {
    const ends = [this.cells.indexOf(this.last ?? made), this.cells.indexOf(made)].sort((a, b) => a - b);
    this.cells.slice(ends[0], ends[1] + 1).forEach((each) => this.selected.add(each.cell.id));
    this.showSelection();
    this.tell();
  }

  clear() {
    this.selected.clear();
    this.showSelection();
    this.tell();
  }

  tell() {
    this.report("selected", this.cells.map((made) => made.cell.id).filter((id) => this.selected.has(id)));
  }

  showSelection() {
    for (const { cell, place, box } of this.cells) {
      place.classList.toggle("selected", this.selected.has(cell.id));
      if (box) box.checked = this.selected.has(cell.id);
    }
    const [count, chosen] = [this.cells.length, this.selected.size];
    const { noun } = this.gallery;
    const shown = count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
    this.find(".count").textContent = chosen ? `${shown}, ${chosen} selected` : shown;
    this.find(".clear").hidden = chosen === 0;
  }

  listen() {
    this.find(".layer").onchange = (event) => this.want("name", event.target.value);
    this.find(".category").onchange = (event) => this.want("category", event.target.value);
    this.find(".opacity").oninput = (event) => {
      this.wanted.opacity = event.target.value / 100;
      this.draw();
    };
    this.find(".clear").onclick = () => this.clear();
    const grid = this.find(".grid");
    grid.onclick = (event) => this.click(event);
    grid.onchange = (event) => this.select(this.cellOf(event.target), event.target.checked);
    grid.onkeydown = (event) => this.press(event);
  }

  want(name, value) {
    this.wanted[name] = value;
    this.setChoice();
  }

  cellOf(target) {
    const place = target.closest(".cell");
    return this.cells.find((made) => made.place === place);
  }

  click(event) {
    const made = event.target.closest("a") && this.cellOf(event.target);
    if (!made) return;
    const adds = event.ctrlKey || event.metaKey;
    if ((adds || event.shiftKey) && !this.gallery.selectable) return; // as links do
    event.preventDefault();
    if (adds) this.select(made, !this.selected.has(made.cell.id));
    else if (event.shiftKey) this.selectTo(made);
    else follow(made.anchor.href);
  }

  press(event) {
    const made = event.target.closest("a") && this.cellOf(event.target);
    if (!made) return;
    if (event.key === " " && this.gallery.selectable) {
      event.preventDefault();
      this.select(made, !this.selected.has(made.cell.id));
      return;
    }
    const columns = getComputedStyle(this.find(".grid")).gridTemplateColumns.split(" ").length;
    const to = neighbour(event.key, this.cells.indexOf(made), columns, this.cells.length);
    if (to === null) return;
    event.preventDefault();
    made.anchor.tabIndex = -1;
    this.cells[to].anchor.tabIndex = 0;
    this.cells[to].anchor.focus();
  }
}

/* What a fresh gallery shows: the first run, or its errors where that was asked for. */
function firstShown({ layers, annotated, errors_first }, options) {
  if (errors_first && annotated && layers.length > 1) return "errors 1";
  return options.at(layers.length > 1 ? 2 : -1)[0];
}

const GALLERIES = new WeakMap();

/* Streamlit calls this when the component appears and whenever its payload or theme changes. */
export default function ({ data, parentElement, setStateValue }) {
  if (!GALLERIES.has(parentElement)) GALLERIES.set(parentElement, new Gallery(parentElement));
  const gallery = GALLERIES.get(parentElement);
  if (data) gallery.load(data, setStateValue);
  return () => {
    gallery.key = null; // what it is still decoding must not be drawn any more
    gallery.sight.disconnect();
    GALLERIES.delete(parentElement);
  };
}
