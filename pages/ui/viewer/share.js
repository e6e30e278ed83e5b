/* Taking a view along: its link into the clipboard, its picture into a file. */
import { element } from "../web/elements.js";
import { say } from "../web/say.js";
import { snapshot } from "./snapshot.js";

const SHOWN_FOR = 2000; // milliseconds

export function copyLink(viewer) {
  const button = viewer.find(".copy-link");
  const words = button.dataset.words ?? button.textContent;
  button.dataset.words = words;
  const tell = (text) => {
    button.textContent = text;
    setTimeout(() => (button.textContent = words), SHOWN_FOR);
  };
  return copied(new URL(viewer.address ?? "", location.href).href).then((done) => tell(done ? say("Copied") : say("Not allowed")));
}

/* Whether a text got into the clipboard; only pages on https or this machine have the newer way. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function savePicture(viewer) {
  const title = viewer.title || "view";
  snapshot(viewer, title).toBlob((blob) => {
    const href = URL.createObjectURL(blob);
    element("a", { href, download: `${title}.png` }).click();
    URL.revokeObjectURL(href);
  }, "image/png");
}
