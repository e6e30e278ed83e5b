/* Keeps an image in the browser until the viewer is asked to show it. */
import { remember } from "../web/ahead.js";

export default function ({ data }) {
  if (data) remember(data);
}
