/* Installed in the page before anything else: how long its answers take. */
(() => {
  const own = window.requestAnimationFrame.bind(window);
  let spent = 0;
  window.requestAnimationFrame = (callback) =>
    own((time) => {
      const start = performance.now();
      callback(time);
      spent += performance.now() - start;
    });
  /* Components draw in shadow roots. */
  const roots = () => [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)];
  window.findAll = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  window.find = (selector) => findAll(selector)[0];

  const now = () => performance.now();
  const pause = () => new Promise((done) => setTimeout(done, 2));

  /* Milliseconds of work for one frame: what the event does, what is drawn before the next frame,
     and laying out and rasterising that, which reading a pixel of each canvas waits for. */
  window.frameWork = async (act) => {
    const [canvases, readout] = [findAll(".viewer canvas"), find(".readout")];
    const start = now();
    act();
    const handled = now() - start;
    spent = 0;
    return new Promise((done) =>
      own(() => {
        const drawn = now();
        canvases.forEach((canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1));
        readout.offsetHeight;
        done(handled + spent + now() - drawn);
      }),
    );
  };

  /* Milliseconds until `done()` holds after `act()`. */
  window.untilShown = async (act, done) => {
    const start = now();
    act();
    while (!done()) {
      if (now() - start > 60_000) throw new Error("nothing was shown for a minute");
      await pause();
    }
    return now() - start;
  };

  window.goTo = (href) => {
    history.pushState(null, "", href);
    window.dispatchEvent(new PopStateEvent("popstate"));
  };

  /* Whether all pictures of the page are others than before, and here. */
  window.newPictures = (count) => {
    const before = new Set([...document.querySelectorAll("img")].map((image) => image.src));
    return () => {
      const shown = [...document.querySelectorAll("[data-testid=stImage] img, [data-testid=stImageContainer] img")];
      return shown.length === count && shown.every((image) => !before.has(image.src) && image.complete && image.naturalWidth);
    };
  };
})();
