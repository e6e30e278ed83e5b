/* What is made of the same parts for the same owner is made once, and goes with its owner. */
const MADE = new WeakMap(); // owner -> [{parts, made}]

export function madeOnce(owner, parts, make) {
  const all = MADE.get(owner) ?? [];
  MADE.set(owner, all);
  const same = (each) => each.parts.length === parts.length && each.parts.every((part, i) => part === parts[i]);
  const found = all.find(same);
  if (found) return found.made;
  const made = make();
  all.push({ parts, made });
  return made;
}
