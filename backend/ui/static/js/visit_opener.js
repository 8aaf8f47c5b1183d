// What the form of a visit needs is fetched when one is opened for the first time.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-visit-opens]");
  if (button) import("./visits.js").then(({ opened }) => opened(button));
});
