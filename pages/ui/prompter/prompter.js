/* An image that is pointed at: points and a box go to Python, the mask they mean comes back. */
import { readPhotograph, unpack } from "../web/payload.js";
import { forEachPiece, runEnds } from "../web/runs.js";
import { say } from "../web/say.js";

const LONGEST = 640; // CSS pixels
const STILL = 4; // CSS pixels that a click may move
const MEANT = "#22a06b";
const NOT_MEANT = "#d1390f";
const MASK = "rgba(86, 180, 233, 0.5)";

class Prompter {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector(".picture");
    this.prompt = { points: [], box: null };
    this.cross = null;
    this.drag = null;
    this.listen();
  }

  async take(data, report) {
    this.report = report;
    const { header, part } = unpack(data);
    if (header.image !== this.header?.image) {
      this.prompt = { points: header.points, box: header.box };
      this.cross = null;
    }
    this.header = header;
    this.photograph = await readPhotograph(header.photograph, part);
    const scale = LONGEST / Math.max(header.width, header.height);
    this.canvas.width = Math.round(header.width * scale);
    this.canvas.height = Math.round(header.height * scale);
    this.scale = scale;
    this.draw();
    this.root.dataset.shown = header.key;
  }

  draw() {
    const { header, scale } = this;
    const pen = this.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.clearRect(0, 0, header.width, header.height);
    if (this.photograph) pen.drawImage(this.photograph, 0, 0, header.width, header.height);
    // a mask of an older prompt is not drawn
    if (header.mask && asked(this.prompt) === asked(header)) {
      pen.fillStyle = MASK;
      forEachPiece(runEnds(header.mask), header.height, (x, top, bottom) =>
        pen.fillRect(x, top, 1, bottom - top),
      );
    }
    pen.lineWidth = 2 / scale;
    this.drawBox(pen, this.drag?.box ?? this.prompt.box);
    for (const [x, y, meant] of this.prompt.points) this.drawPoint(pen, x, y, meant);
    if (this.cross) this.drawCross(pen, ...this.cross);
    const { points, box } = this.prompt;
    this.root.querySelector(".said").textContent =
      (points.length === 1 ? say("1 point") : say("{points} points", { points: points.length })) +
      (box ? say(", 1 box") : "");
  }

  drawBox(pen, box) {
    if (!box) return;
    pen.strokeStyle = MEANT;
    pen.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }

  drawPoint(pen, x, y, meant) {
    pen.beginPath();
    pen.arc(x, y, 5 / this.scale, 0, 2 * Math.PI);
    pen.fillStyle = meant ? MEANT : NOT_MEANT;
    pen.strokeStyle = "white";
    pen.fill();
    pen.stroke();
    if (!meant) {
      // a bar: colour is never alone
      pen.fillStyle = "white";
      pen.fillRect(x - 3 / this.scale, y - 0.8 / this.scale, 6 / this.scale, 1.6 / this.scale);
    }
  }

  drawCross(pen, x, y) {
    pen.strokeStyle = "white";
    pen.strokeRect(x - 4 / this.scale, y - 4 / this.scale, 8 / this.scale, 8 / this.scale);
  }

  place(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(most, Math.max(0, value));
    return [
      within(((event.clientX - left) / width) * this.header.width, this.header.width - 1),
      within(((event.clientY - top) / height) * this.header.height, this.header.height - 1),
    ].map((each) => Math.round(each * 10) / 10);
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { from: this.place(event), at: [event.clientX, event.clientY], box: null };
    };
    canvas.onpointermove = (event) => {
      if (!this.drag) return;
      const [x, y] = this.drag.at;
      if (Math.hypot(event.clientX - x, event.clientY - y) <= STILL && !this.drag.box) return;
      this.drag.box = corners(this.drag.from, this.place(event));
      this.draw();
    };
    canvas.onpointerup = (event) => {
      const { drag } = this;
      this.drag = null;
      if (drag?.box) this.change({ ...this.prompt, box: drag.box });
      else if (drag) this.add(drag.from, !event.shiftKey);
    };
    canvas.onkeydown = (event) => this.press(event);
    this.root.querySelector(".undo").onclick = () => this.undo();
    this.root.querySelector(".clear").onclick = () => this.change({ points: [], box: null });
  }

  press(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { width, height } = this.header;
    this.cross ??= [Math.floor(width / 2), Math.floor(height / 2)];
    if (step[event.key]) {
      const far = Math.max(1, Math.round(width / 64));
      const [x, y] = step[event.key].map((each, axis) => this.cross[axis] + far * each);
      this.cross = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
      this.draw();
    } else if (event.key === "Enter") this.add(this.cross, !event.shiftKey);
    else if (event.key === "Delete") this.change({ points: [], box: null });
    else return;
    event.preventDefault();
  }

  add([x, y], meant) {
    this.change({ ...this.prompt, points: [...this.prompt.points, [x, y, Number(meant)]] });
  }

  undo() {
    const { points, box } = this.prompt;
    if (points.length) this.change({ points: points.slice(0, -1), box });
    else this.change({ points, box: null });
  }

  change(prompt) {
    this.prompt = prompt;
    this.draw();
    this.report("prompt", { ...prompt, image: this.header.image });
  }
}

function asked({ points, box }) {
  return JSON.stringify([points, box]);
}

function corners([a, b], [c, d]) {
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

const PROMPTERS = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".prompter");
  if (!PROMPTERS.has(root)) PROMPTERS.set(root, new Prompter(root));
  PROMPTERS.get(root).take(data, setStateValue);
}
