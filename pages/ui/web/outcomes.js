/* What Python names, in the visitor's words: what became of objects and pixels, the annotation. */
import { say } from "./say.js";

const OUTCOME_WORDS = {
  right: say("right"),
  "false positive": say("false positive"),
  "false negative": say("false negative"),
  "wrong class": say("wrong class"),
  ignored: say("ignored"),
  missed: say("missed"),
  classification: say("classification"),
  localisation: say("localisation"),
  both: say("both"),
  duplicate: say("duplicate"),
  background: say("background"),
  boundary: say("boundary"),
  extent: say("extent"),
  segment: say("segment"),
};

export const outcomeWords = (name) => OUTCOME_WORDS[name] ?? name;

/* The name of a layer: a run's is the same in every language. */
export const layerWords = (name) => (name === "annotation" ? say("annotation") : name);
