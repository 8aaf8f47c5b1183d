/* Runs before the first paint, so that a dark mailbox never flashes white. */
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem("outlook.settings") || "{}").theme; } catch { kept = null; }
  const theme = [asked, kept].find((name) => ["light", "dark", "contrast"].includes(name)) || "light";
  document.documentElement.dataset.theme = theme;
})();
