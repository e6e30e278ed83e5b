import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = {};
const { Chosen } = await import("../../pages/ui/gallery/chosen.js");

const PAGE = ["a", "b", "c", "d", "e"];
const fresh = (list) => {
  const chosen = new Chosen();
  chosen.take({ turn: "1", ids: [], ...list });
  return chosen;
};

test("a range goes from the cell chosen last, either way, and adds", () => {
  const chosen = fresh({ scope: "range" });
  chosen.choose("d", true);
  chosen.chooseTo("b", PAGE);
  assert.deepEqual([...chosen.ids].sort(), ["b", "c", "d"]);
  chosen.choose("c", false);
  chosen.chooseTo("e", PAGE);
  assert.deepEqual([...chosen.ids].sort(), ["b", "c", "d", "e"]);
});

test("a range that began on another page is its end alone", () => {
  const chosen = fresh({ scope: "pages" });
  chosen.choose("z", true);
  chosen.chooseTo("b", PAGE);
  assert.deepEqual([...chosen.ids], ["z", "b"]);
  assert.equal(chosen.words(PAGE, "image"), "5 images, 2 selected, 1 of them not on this page");
});

test("what was chosen comes back with the list, and not with another", () => {
  const before = fresh({ scope: "kept" });
  before.chooseAll(PAGE.slice(0, 2));
  assert.deepEqual([...fresh({ scope: "kept" }).ids], ["a", "b"]);
  assert.deepEqual([...fresh({ scope: "other" }).ids], []);
  before.clear();
  assert.deepEqual([...fresh({ scope: "kept" }).ids], []);
});

test("an answer of the server undoes no later click, but a new turn counts", () => {
  const chosen = fresh({ scope: "turns" });
  chosen.choose("a", true);
  chosen.take({ scope: "turns", turn: "1", ids: [] });
  assert.deepEqual([...chosen.ids], ["a"]);
  chosen.take({ scope: "turns", turn: "2", ids: ["c"] });
  assert.deepEqual([...chosen.ids], ["c"]);
  assert.deepEqual([...fresh({ scope: "turns", turn: "2" }).ids], ["c"]);
});

test("words count one and many", () => {
  assert.equal(fresh({ scope: "words" }).words(["a"], "object"), "1 object");
  const chosen = fresh({ scope: "words" });
  chosen.choose("a", true);
  assert.equal(chosen.words(PAGE, "object"), "5 objects, 1 selected");
});
