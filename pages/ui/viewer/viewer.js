/* The mask viewer. Everything happens here, in the browser: see payload.py for what comes in. */
import { legend } from "../web/elements.js";
import { Asked, remember, remembered } from "../web/ahead.js";
import { gridOf } from "../web/grid.js";
import { layerWords } from "../web/outcomes.js";
import { readLayer, readPhotograph, unpack } from "../web/payload.js";
import { say } from "../web/say.js";
import { chip, drawClassChips, onlyShown, presentClasses, pressChips, toggled } from "./chips.js";
import { offerSides, offerWays, storedSettings, storeSettings } from "./controls.js";
import { comparable, differenceKeys, differenceSheet } from "./differences.js";
import { listenToControls, listenToPanel } from "./events.js";
import { offerKinds } from "./kinds.js";
import { drawPanel, makePanel, scaledPhotograph, sized, spoken } from "./panel.js";
import { drawReadout, readLayers } from "./readout.js";
import { linked } from "./selecting.js";
import { errorSheet, hasErrors, layerSheet, visibleObjects } from "./sheets.js";
import { bestColumns, fitted, moved, zoomed } from "./view.js";

const MOST_PANELS = 6;
const DEFAULTS = { mode: "panels", draw: "pixels", outlines: false, opacity: 0.55, errorsBy: "outcome" };

class Viewer {
  constructor(root) {
    this.root = root;
    this.settings = { ...DEFAULTS, ...storedSettings(), hidden: new Set() };
    this.look = { layersShown: true, split: 0.5, point: null, selected: null };
    this.sides = [0, 1];
    this.pair = [1, 2];
    this.panels = [];
    this.asked = new Asked((image) => this.turnTo(image));
    listenToControls(this);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.find(".panels"));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /* Shows what the server sent, unless the visitor has gone on since. */
  take(bytes, report) {
    this.report = report;
    const { header } = unpack(bytes);
    if (header.image && !header.chosen) remember(bytes); // ahead an image has nothing selected
    if (this.asked.accepts(header.image)) this.load(bytes);
  }

  /* Shows an image that was sent ahead; without it the server's answer is awaited. */
  async turnTo(image) {
    const bytes = remembered(this.context, image);
    if (!bytes) return;
    await this.load(bytes);
    await new Promise((drawn) => setTimeout(drawn)); // a frame first: the page's work can wait
  }

  async load(bytes) {
    const { header, part } = unpack(bytes);
    Object.assign(this, { title: header.title, address: header.address, context: header.context });
    if (this.key === header.key) return;
    this.key = header.key;
    const [photograph, ...layers] = await Promise.all([
      readPhotograph(header.photograph, part),
      ...header.layers.map((layer) => readLayer(layer, part, header.height)),
    ]);
    if (this.key !== header.key) return; // a newer payload came meanwhile
    this.show({ ...header, photograph, names: new Map(header.classes.map((c) => [c.index, c.name])) }, layers);
  }

  show(image, layers) {
    const names = (list) => JSON.stringify((list ?? []).map((each) => each.name));
    if (names(this.image?.classes) !== names(image.classes)) this.settings.hidden = new Set();
    if (names(this.layers) !== names(layers)) this.shown = layers.map((_, i) => i < MOST_PANELS);
    this.image?.photograph?.close();
    Object.assign(this, { image, layers, truth: image.annotated ? layers[0] : null });
    this.present = presentClasses(layers);
    this.view = { scale: 1, x: 0, y: 0, fit: true };
    Object.assign(this.look, { point: null, selected: linked(image, layers) });
    this.settings.threshold ??= image.threshold;
    this.setControls();
    this.arrange();
  }

  setControls() {
    const { settings, layers } = this;
    settings.draw = offerWays(this.find(".draw"), layers, settings.draw);
    const judged = layers.some((layer) => layer !== this.truth && hasErrors(this.truth, layer));
    const differences = layers.filter((layer) => comparable(this.truth, layer)).length > 1;
    const possible = { panels: true, swipe: layers.length > 1, errors: judged, differences };
    if (!possible[settings.mode]) settings.mode = "panels";
    for (const radio of this.root.querySelectorAll("[name=mode]")) {
      radio.disabled = !possible[radio.value];
      radio.checked = radio.value === settings.mode;
    }
    this.find(".outlines").checked = settings.outlines;
    this.find(".opacity").value = settings.opacity * 100;
    this.find(".threshold").value = settings.threshold;
    this.find(".threshold-value").textContent = settings.threshold.toFixed(2);
    const scored = layers.some((layer) => layer.objects?.some((object) => object.score !== null));
    this.find(".threshold-control").hidden = !scored;
    this.find(".note").hidden = Boolean(this.image.photograph);
    this.find(".note").textContent = this.image.photograph
      ? ""
      : say("The photograph is missing or cannot be read; layers and readout work without it.");
    this.setChips();
  }

  setChips() {
    const classes = this.image.classes.filter((each) => each.colour && this.present.has(each.index));
    drawClassChips(this.find(".chips"), classes, {
      toggle: (index) => this.hide(toggled(this.settings.hidden, index)),
      only: (index) => this.hide(onlyShown(this.settings.hidden, index, this.present)),
    });
    pressChips(this.find(".chips"), this.settings.hidden);
    this.find(".classes").hidden = classes.length === 0;
    this.find(".layers").hidden = this.layers.length < 2;
    this.find(".layers").replaceChildren(
      ...this.layers.map((layer, i) => {
        const made = chip(layerWords(layer.name), layer.colour, this.shown[i], say("Show or hide this panel"));
        made.onclick = () => this.showLayer(i);
        return made;
      }),
    );
  }

  showLayer(i) {
    const made = this.find(".layers").children[i];
    if (!made || made.hidden || made.parentElement.hidden) return;
    this.shown[i] = !this.shown[i];
    made.setAttribute("aria-pressed", String(this.shown[i]));
    this.arrange();
  }

  hide(hidden) {
    this.settings.hidden = hidden;
    pressChips(this.find(".chips"), hidden);
    this.repaint();
  }

  /* Makes the panels that the mode asks for. */
  arrange() {
    const { mode } = this.settings;
    const paired = mode === "swipe" || mode === "differences";
    this.find(".swipe-bar").hidden = !paired;
    this.find(".divider-control").hidden = mode !== "swipe";
    this.find(".layers").hidden = paired || this.layers.length < 2;
    if (paired) this.offerPair(mode);
    this.find(".legend").hidden = !["errors", "differences"].includes(mode);
    this.find(".legend").replaceChildren(...legend(this.outcomes()));
    // the annotation has no errors, so its chip would do nothing
    const first = this.find(".layers").firstElementChild;
    if (first) first.hidden = mode === "errors" && this.truth !== null;
    this.panels = this.specs().map(makePanel);
    this.panels.forEach((panel) => listenToPanel(this, panel));
    this.find(".panels").replaceChildren(...this.panels.map((panel) => panel.figure));
    this.view.fit = true;
    this.repaint();
    this.read();
  }

  /* Offers the layers that the mode takes two of. */
  offerPair(mode) {
    const selects = [this.find(".left"), this.find(".right")];
    const fits = (layer) => mode === "swipe" || comparable(this.truth, layer);
    const name = mode === "swipe" ? "sides" : "pair";
    this[name] = offerSides(selects, this.layers, fits, this[name]);
  }

  /* The words and colours that the mode needs explained. */
  outcomes() {
    const own = offerKinds(this.find(".errors-by"), this.layers, this.settings, this.image);
    if (this.settings.mode !== "differences") return own;
    return differenceKeys(this.image, this.pair.map((at) => this.layers[at]));
  }

  specs() {
    const { mode } = this.settings;
    if (mode === "swipe" || mode === "differences") {
      const layers = (mode === "swipe" ? this.sides : this.pair).map((side) => this.layers[side]);
      const [left, right] = layers.map((each) => layerWords(each.name));
      const sides = { left, right };
      const label = mode === "swipe" ? say("{left} beside {right}", sides) : say("{left} against {right}", sides);
      return [{ layers, mode, label }];
    }
    const errors = mode === "errors";
    return this.layers
      .filter((layer, i) => this.shown[i] && !(errors && layer === this.truth))
      .map((layer) => ({ layers: [layer], mode, label: spoken(this.image, layer, errors) }));
  }

  /* Paints the sheets again before the next drawing. */
  repaint() {
    this.painted = false;
    storeSettings(this.settings);
    this.draw();
  }

  draw() {
    if (!this.image || this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  render() {
    const place = this.find(".panels");
    const columns = bestColumns(this.panels.length, { width: place.clientWidth, height: place.clientHeight }, this.image);
    place.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    if (this.panels.length) this.place(sized(this.panels[0]));
    if (!this.painted) this.paint();
    const look = { ...this.look, opacity: this.settings.opacity };
    for (const panel of this.panels) drawPanel(panel, this.placed, look);
    const percent = Math.round((this.view.scale / (devicePixelRatio || 1)) * 100);
    this.find(".zoom").textContent = `${percent} %`;
    this.find(".viewer").ariaBusy = "false";
    this.root.host?.setAttribute("data-ready", this.image.key);
  }

  /* Works out what panels of a size show, unless it is what they showed before. */
  place(size) {
    if (this.view.fit) this.view = fitted(this.image, size);
    const { image, view } = this;
    const place = [image, view.scale, view.x, view.y, size.width, size.height];
    if (this.placed?.place.every((each, i) => each === place[i])) return;
    const grid = gridOf(image, view, size);
    this.placed = { place, image, view, grid, photograph: scaledPhotograph(image, view, size) };
    this.painted = false;
  }

  paint() {
    const { image, truth, settings } = this;
    const { grid } = this.placed;
    const sheetOf = (layer) =>
      settings.mode === "errors"
        ? errorSheet(image, truth, layer, settings, grid)
        : layerSheet(image, layer, settings, grid);
    for (const panel of this.panels) {
      panel.sheets =
        settings.mode === "differences"
          ? [differenceSheet(image, truth, panel.layers, settings, grid)]
          : panel.layers.map(sheetOf);
    }
    this.painted = true;
  }

  read() {
    const point = this.look.point;
    const layers = this.layers;
    const rows = point
      ? readLayers(this.image, layers, this.truth, ...point, (layer) => visibleObjects(layer, this.settings))
      : layers.map((layer) => ({ layer, more: 0, outcome: null }));
    drawReadout(this.find(".readout"), this.image, point, rows);
  }

  pointAt(x, y) {
    const inside = x >= 0 && y >= 0 && x < this.image.width && y < this.image.height;
    this.look.point = inside ? [Math.floor(x), Math.floor(y)] : null;
    this.read();
    this.draw();
  }

  zoom(factor, x, y) {
    const canvas = this.panels[0]?.canvas;
    if (!canvas) return;
    this.view = zoomed(this.view, factor, x ?? canvas.width / 2, y ?? canvas.height / 2);
    this.draw();
  }

  move(x, y) {
    this.view = moved(this.view, x, y);
    this.draw();
  }

  set(name, value) {
    this.settings[name] = value;
    if (name === "mode") this.arrange();
    else if (name === "opacity") this.draw();
    else this.repaint();
    this.find(".legend").replaceChildren(...legend(this.outcomes()));
    storeSettings(this.settings);
  }
}

const VIEWERS = new WeakMap();

/* Streamlit calls this when the component appears and whenever its payload or theme changes. */
export default function ({ data, parentElement, setStateValue }) {
  if (!VIEWERS.has(parentElement)) VIEWERS.set(parentElement, new Viewer(parentElement));
  const viewer = VIEWERS.get(parentElement);
  if (data) viewer.take(data, setStateValue);
  return () => {
    viewer.key = null; // what it is still reading must not be shown any more
    viewer.observer.disconnect();
    viewer.asked.end();
    cancelAnimationFrame(viewer.frame);
    VIEWERS.delete(parentElement);
  };
}
