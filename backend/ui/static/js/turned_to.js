// What a page needs only once somebody turns to a part of it is fetched then, so that pages stay light: `needs` is a
// list of [selector of the part, function that imports].
export const turnedTo = (needs) => {
  const turn = (event) => {
    for (const [part, fetch] of needs) if (event.target.closest?.(part)) fetch();
  };
  for (const kind of ["focusin", "pointerover", "dragenter"]) document.addEventListener(kind, turn, true);
};

// The style sheet `name` for what was fetched; once.
export const style = (name) => {
  const href = new URL(`../css/${name}.css`, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
};
