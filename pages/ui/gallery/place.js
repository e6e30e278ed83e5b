/* Where the visitor left a gallery for one of its images: back there the same part is in sight. */
const leftPlaces = () => (window.overlookPlaces ??= new Map());
const MOST_PLACES = 50;

const pageOf = () => document.querySelector("[data-testid=stMain]");

export function leavePlace(key, grid) {
  leftPlaces().delete(key);
  leftPlaces().set(key, { grid: grid.scrollTop, page: pageOf()?.scrollTop ?? 0 });
  while (leftPlaces().size > MOST_PLACES) leftPlaces().delete(leftPlaces().keys().next().value);
}

/* Once: who comes by another way starts at the top. */
export function returnToPlace(key, grid) {
  const left = leftPlaces().get(key);
  leftPlaces().delete(key);
  grid.scrollTop = left?.grid ?? 0;
  if (left) requestAnimationFrame(() => pageOf()?.scrollTo({ top: left.page, behavior: "instant" }));
}
