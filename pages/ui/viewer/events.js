/* From clicks, keys and the pointer to what the viewer does. */
import { pressKey } from "./controls.js";
import { copyLink, savePicture } from "./share.js";
import { clicked, select } from "./selecting.js";
import { imagePoint } from "./view.js";

const ZOOM_STEP = 1.25;
const OPACITY_STEP = 0.1;
const STILL = 4; // device pixels that a click may move
const GRIP = 12; // CSS pixels on either side of the divider

export function listenToControls(viewer) {
  const find = (selector) => viewer.find(selector);
  for (const radio of viewer.root.querySelectorAll("[name=mode]")) {
    radio.onchange = () => viewer.set("mode", radio.value);
  }
  find(".draw").onchange = (event) => viewer.set("draw", event.target.value);
  find(".errors-by select").onchange = (event) => viewer.set("errorsBy", event.target.value);
  find(".outlines").onchange = (event) => viewer.set("outlines", event.target.checked);
  find(".opacity").oninput = (event) => viewer.set("opacity", event.target.value / 100);
  find(".threshold").oninput = (event) => {
    find(".threshold-value").textContent = Number(event.target.value).toFixed(2);
    viewer.set("threshold", Number(event.target.value));
  };
  find(".threshold").onchange = () => viewer.report("threshold", viewer.settings.threshold);
  find(".divider").oninput = (event) => split(viewer, event.target.value / 100);
  [".left", ".right"].forEach((selector, side) => {
    find(selector).onchange = (event) => {
      const sides = viewer.settings.mode === "differences" ? viewer.pair : viewer.sides;
      sides[side] = Number(event.target.value);
      viewer.arrange();
    };
  });
  find(".zoom-in").onclick = () => viewer.zoom(ZOOM_STEP);
  find(".zoom-out").onclick = () => viewer.zoom(1 / ZOOM_STEP);
  find(".fit").onclick = () => fit(viewer);
  find(".copy-link").onclick = () => copyLink(viewer);
  find(".save-picture").onclick = () => savePicture(viewer);
  find(".help-button").onclick = () => find(".help").showModal();
  find(".all-classes").onclick = () => viewer.hide(new Set());
  find(".no-classes").onclick = () => viewer.hide(new Set(viewer.present));
  find(".viewer").onkeydown = (event) => {
    if (viewer.image && pressKey(event, keyActions(viewer))) event.preventDefault();
  };
}

function keyActions(viewer) {
  const opacity = (step) => () => {
    const value = Math.min(1, Math.max(0, viewer.settings.opacity + step));
    viewer.find(".opacity").value = value * 100;
    viewer.set("opacity", value);
  };
  return {
    move: (x, y) => viewer.move(x * (devicePixelRatio || 1), y * (devicePixelRatio || 1)),
    movePoint: (x, y) => {
      const [left, top] = viewer.look.point ?? [viewer.image.width / 2, viewer.image.height / 2];
      viewer.pointAt(left + x, top + y);
    },
    keys: {
      "+": () => viewer.zoom(ZOOM_STEP),
      "=": () => viewer.zoom(ZOOM_STEP),
      "-": () => viewer.zoom(1 / ZOOM_STEP),
      0: () => fit(viewer),
      f: () => fit(viewer),
      m: () => nextMode(viewer),
      Enter: () => viewer.look.point && selectAt(viewer, viewer.panels[0], viewer.look.point, 0),
      ...Object.fromEntries([...Array(9).keys()].map((i) => [i + 1, () => viewer.showLayer(i)])),
      "[": opacity(-OPACITY_STEP),
      "]": opacity(OPACITY_STEP),
      h: () => showLayers(viewer),
      o: () => viewer.find(".outlines").click(),
      l: () => copyLink(viewer),
      s: () => savePicture(viewer),
      "?": () => viewer.find(".help").showModal(),
    },
  };
}

function selectAt(viewer, panel, point, fraction) {
  const { truth, settings } = viewer;
  select(viewer, clicked(panel, truth, point, fraction, viewer.look.split, settings));
}

function fit(viewer) {
  viewer.view.fit = true;
  viewer.draw();
}

function nextMode(viewer) {
  const radios = [...viewer.root.querySelectorAll("[name=mode]")].filter((each) => !each.disabled);
  radios[(radios.findIndex((each) => each.checked) + 1) % radios.length].click();
}

function showLayers(viewer) {
  viewer.look.layersShown = !viewer.look.layersShown;
  viewer.draw();
}

function split(viewer, fraction) {
  viewer.look.split = Math.min(1, Math.max(0, fraction));
  viewer.find(".divider").value = viewer.look.split * 100;
  viewer.draw();
}

export function listenToPanel(viewer, panel) {
  const { canvas } = panel;
  let drag = null;
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    const place = placeOf(canvas, event);
    const onDivider = Math.abs(place.fraction - viewer.look.split) * canvas.clientWidth < GRIP;
    drag = { ...place, from: place, divides: panel.mode === "swipe" && onDivider };
  };
  canvas.onpointermove = (event) => {
    const place = placeOf(canvas, event);
    if (drag?.divides) split(viewer, place.fraction);
    else if (drag) viewer.move(place.x - drag.x, place.y - drag.y);
    drag = drag && { ...drag, ...place };
    viewer.pointAt(...imagePoint(viewer.view, place.x, place.y));
  };
  canvas.onpointerup = (event) => {
    const place = placeOf(canvas, event);
    const still = drag && !drag.divides && Math.hypot(place.x - drag.from.x, place.y - drag.from.y) < STILL;
    if (still) selectAt(viewer, panel, imagePoint(viewer.view, place.x, place.y).map(Math.floor), place.fraction);
    drag = null;
  };
  canvas.onpointercancel = () => {
    drag = null;
  };
  canvas.onpointerleave = () => viewer.pointAt(-1, -1);
  canvas.onwheel = (event) => {
    event.preventDefault();
    const place = placeOf(canvas, event);
    viewer.zoom(Math.exp(-event.deltaY * 0.0015), place.x, place.y);
  };
}

/* Where the pointer is: in pixels of the canvas, and as a fraction of its width. */
function placeOf(canvas, event) {
  const frame = canvas.getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  return {
    x: (event.clientX - frame.left) * ratio,
    y: (event.clientY - frame.top) * ratio,
    fraction: (event.clientX - frame.left) / frame.width,
  };
}
