/* Which cells are chosen, on all pages of a list. */
import { say } from "../web/say.js";

// what a cell shows one of
const NOUNS = {
  image: [say("image"), say("images")],
  object: [say("object"), say("objects")],
};

/* Several of what a cell shows, without their number. */
export const pluralOf = (noun) => NOUNS[noun][1];

/* Components are scripts of their own and share only the window, which outlives a page. */
const keptChoices = () => (window.overlookChosen ??= new Map());

export class Chosen {
  constructor() {
    this.ids = new Set();
    this.last = null; // where a range starts
  }

  /* Takes the list that Python names, {scope, turn, ids}. What was chosen in it counts as long as
     the turn stays: Python begins a new one when it changes the choice itself. */
  take({ scope, turn, ids }) {
    if (this.scope === scope && this.turn === turn) return;
    const before = keptChoices().get(scope);
    this.ids = new Set(before?.turn === turn ? before.ids : ids);
    Object.assign(this, { scope, turn, last: null });
    this.keep();
  }

  keep() {
    keptChoices().set(this.scope, { turn: this.turn, ids: [...this.ids] });
  }

  choose(id, on) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
    this.last = id;
    this.keep();
  }

  /* Chooses all from the cell chosen last to this one; `shown` are the ids of the page in order. */
  chooseTo(id, shown) {
    const start = shown.includes(this.last) ? this.last : id;
    const ends = [shown.indexOf(start), shown.indexOf(id)].sort((a, b) => a - b);
    shown.slice(ends[0], ends[1] + 1).forEach((each) => this.ids.add(each));
    this.keep();
  }

  chooseAll(shown) {
    shown.forEach((each) => this.ids.add(each));
    this.keep();
  }

  clear() {
    this.ids.clear();
    this.last = null;
    this.keep();
  }

  /* How many are chosen, in words, after how many are shown. */
  words(shown, noun) {
    const text = `${shown.length} ${NOUNS[noun][shown.length === 1 ? 0 : 1]}`;
    const selected = this.ids.size;
    if (!selected) return text;
    const elsewhere = selected - shown.filter((id) => this.ids.has(id)).length;
    const numbers = { shown: text, selected, elsewhere };
    return elsewhere
      ? say("{shown}, {selected} selected, {elsewhere} of them not on this page", numbers)
      : say("{shown}, {selected} selected", numbers);
  }
}
