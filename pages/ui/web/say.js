/* The language of a component's texts: `modules.component` fills in the translations. */

const TEXTS = {};

/* Returns an English text in the visitor's language, its {fields} filled in. */
export function say(text, values = {}) {
  return (TEXTS[text] ?? text).replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);
}
