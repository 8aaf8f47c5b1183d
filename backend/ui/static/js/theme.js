// Runs before first paint: the person's choice (data-theme from the server), the look of the Teams around the tab, or
// what the system prefers.
const hosted = () => (window.parent === window ? null : /(?:^|; )deskside-look=(\w+)/.exec(document.cookie)?.[1]);

(() => {
  const root = document.documentElement;
  const contrast = matchMedia("(prefers-contrast: more)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if ("chosen" in root.dataset) return;
    root.dataset.theme = hosted() ?? (contrast.matches ? "contrast" : dark.matches ? "dark" : "light");
  };
  apply();
  contrast.addEventListener("change", apply);
  dark.addEventListener("change", apply);
})();
