// A mail with the pictures of other servers, once somebody asks: in a frame, whose policy alone lets them in.
const grow = (frame) => {
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  const fit = () => { frame.style.height = `${page.offsetHeight}px`; };
  new ResizeObserver(fit).observe(page);
  fit();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pictures]");
  if (!button) return;
  const frame = document.createElement("iframe");
  frame.className = "msg-frame";
  frame.title = button.dataset.title;
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  frame.addEventListener("load", () => grow(frame));
  frame.src = `${button.dataset.pictures}?theme=${document.documentElement.dataset.theme}`;
  const place = button.closest(".pictures");
  place.classList.add("pictures-loaded");
  place.replaceChildren(frame);
});
