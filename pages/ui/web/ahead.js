/* Images that are here before the visitor asks for them, and which image was asked for. */
import { unpack } from "./payload.js";

const MOST = 8; // images, of which a large one may have megabytes
const PATIENCE = 10_000; // milliseconds for the server to follow
const CHANGED = "overlook:image";

/* Components are scripts of their own and share only the window. */
const kept = () => (window.overlookAhead ??= new Map());
const nameOf = ({ context, image }) => `${context} ${image}`;

export function remember(bytes) {
  const name = nameOf(unpack(bytes).header);
  kept().delete(name);
  kept().set(name, bytes);
  while (kept().size > MOST) kept().delete(kept().keys().next().value);
}

/* The payload of an image as packed for the same runs, classes and store, or undefined. */
export function remembered(context, image) {
  return kept().get(nameOf({ context, image }));
}

/* Tells every component which image the visitor asked for; resolves when it is shown, if it is here. */
export function announce(image) {
  const shown = [];
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: { image, shown } }));
  return Promise.allSettled(shown);
}

/* Until the server has followed, what it sends is of an image before the one asked for. */
export class Asked {
  /* turn(image) shows an image that was asked for. */
  constructor(turn = () => {}) {
    this.image = null;
    this.listeners = {
      [CHANGED]: ({ detail }) => {
        Object.assign(this, { image: detail.image, since: Date.now() });
        detail.shown.push(turn(detail.image));
      },
      popstate: (event) => event.isTrusted && (this.image = null), // back and forward, by hand
    };
    for (const [name, listener] of Object.entries(this.listeners)) window.addEventListener(name, listener);
  }

  accepts(image) {
    const waits = this.image !== null && image !== this.image && Date.now() - this.since < PATIENCE;
    if (!waits) this.image = null;
    return !waits;
  }

  end() {
    for (const [name, listener] of Object.entries(this.listeners)) window.removeEventListener(name, listener);
  }
}
