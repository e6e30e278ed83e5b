/* The gallery: cells decode when they come into sight; layers are drawn here, in the browser. */
import { fillSelect, legend } from "../web/elements.js";
import { layerWords } from "../web/outcomes.js";
import { readLayer, readPhotograph, unpack } from "../web/payload.js";
import { say } from "../web/say.js";
import { follow, makeCell, neighbour } from "./cells.js";
import { Chosen, pluralOf } from "./chosen.js";
import { leavePlace, returnToPlace } from "./place.js";
import { drawPicture } from "./picture.js";

class Gallery {
  constructor(root) {
    this.root = root;
    this.cells = [];
    this.chosen = new Chosen();
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
    this.chosen.take(header.chosen);
    if (this.key === header.key) return this.showSelection();
    Object.assign(this, { key: header.key, gallery: header, part });
    this.root.host?.setAttribute("data-shown", "0");
    this.drawn = 0;
    this.sight.disconnect();
    this.cells = header.cells.map((cell, i) => makeCell(cell, i, header));
    this.cells.forEach((made) => this.sight.observe(made.place));
    this.find(".grid").replaceChildren(...this.cells.map((made) => made.place));
    this.find(".grid").ariaLabel = pluralOf(header.noun);
    this.setControls();
    this.showSelection();
    this.find(".gallery").ariaBusy = "false";
    returnToPlace(this.key, this.find(".grid"));
  }

  setControls() {
    const { layers, classes, annotated, outcomes } = this.gallery;
    const errors = annotated ? layers.slice(1) : [];
    const options = [
      ["photograph", say("photograph only")],
      ...layers.map((name, i) => [`layer ${i}`, layerWords(name)]),
      ...errors.map((name, i) => [`errors ${i + 1}`, say("errors of {name}", { name })]),
    ];
    const kept = options.some(([value]) => value === this.wanted.name);
    if (!kept) this.wanted.name = firstShown(this.gallery, options);
    fillSelect(this.find(".layer"), options, this.wanted.name);
    const painted = classes.filter((each) => each.colour);
    const preset = String(this.gallery.category ?? "");
    if (preset !== this.preset) this.wanted.category = this.preset = preset;
    if (!painted.some((each) => String(each.index) === this.wanted.category)) this.wanted.category = "";
    const names = painted.map((each) => [each.index, each.name]);
    fillSelect(this.find(".category"), [["", say("all classes")], ...names], this.wanted.category);
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

  shownIds() {
    return this.cells.map((made) => made.cell.id);
  }

  select(made, on) {
    this.chosen.choose(made.cell.id, on);
    this.tell();
  }

  selectTo(made) {
    this.chosen.chooseTo(made.cell.id, this.shownIds());
    this.tell();
  }

  clear() {
    this.chosen.clear();
    this.tell();
  }

  tell() {
    this.showSelection();
    const shown = this.shownIds(); // those of other pages come first
    this.report("selected", [...this.chosen.ids].sort((a, b) => shown.indexOf(a) - shown.indexOf(b)));
  }

  showSelection() {
    const { ids } = this.chosen;
    for (const { cell, place, box } of this.cells) {
      place.classList.toggle("selected", this.gallery.selectable && ids.has(cell.id));
      if (box) box.checked = ids.has(cell.id);
    }
    this.find(".count").textContent = this.chosen.words(this.shownIds(), this.gallery.noun);
    this.find(".clear").classList.toggle("unseen", ids.size === 0); // its room stays
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
    const made = event.target.closest("a, input") && this.cellOf(event.target);
    if (!made) return;
    const ticks = event.target === made.box;
    const adds = event.ctrlKey || event.metaKey;
    if (!ticks && (adds || event.shiftKey) && !this.gallery.selectable) return; // as links do
    if (!ticks) event.preventDefault();
    if (event.shiftKey) this.selectTo(made);
    else if (ticks || adds) this.select(made, !this.chosen.ids.has(made.cell.id));
    else {
      leavePlace(this.key, this.find(".grid"));
      follow(made.anchor.href);
    }
  }

  press(event) {
    if (this.gallery.selectable && this.pressToSelect(event)) {
      event.preventDefault();
      return;
    }
    const made = event.target.closest("a") && this.cellOf(event.target);
    if (!made) return;
    const columns = getComputedStyle(this.find(".grid")).gridTemplateColumns.split(" ").length;
    const to = neighbour(event.key, this.cells.indexOf(made), columns, this.cells.length);
    if (to === null) return;
    event.preventDefault();
    made.anchor.tabIndex = -1;
    this.cells[to].anchor.tabIndex = 0;
    this.cells[to].anchor.focus();
  }

  /* Returns whether the key changed the selection. */
  pressToSelect(event) {
    const made = event.target.closest("a") && this.cellOf(event.target);
    if (event.key === " " && made) this.select(made, !this.chosen.ids.has(made.cell.id));
    else if (event.key === "Escape" && this.chosen.ids.size) this.clear();
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      this.chosen.chooseAll(this.shownIds());
      this.tell();
    } else return false;
    return true;
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
