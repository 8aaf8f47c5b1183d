// Runs before first paint: the person's choice (data-theme from the server) or what the system prefers.
(() => {
  const root = document.documentElement;
  const contrast = matchMedia("(prefers-contrast: more)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if ("chosen" in root.dataset) return;
    root.dataset.theme = contrast.matches ? "contrast" : dark.matches ? "dark" : "light";
  };
  apply();
  contrast.addEventListener("change", apply);
  dark.addEventListener("change", apply);
})();
