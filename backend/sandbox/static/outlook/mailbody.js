/* HTML mail is shown in a frame of its own that may run nothing, load nothing and send nothing. */

import { h } from "./dom.js";

const GONE = "script,iframe,frame,frameset,object,embed,applet,link,meta,base,form,input,button,textarea,select,"
  + "template,noscript,audio,video,source,portal,svg,math";
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src 'none'; form-action 'none'";
const LINK = /^(https?:|mailto:|tel:)/i;

function cleanAttributes(element) {
  for (const { name, value } of [...element.attributes]) {
    const low = name.toLowerCase();
    const isAddress = ["href", "src", "action", "background", "xlink:href", "formaction", "srcset"].includes(low);
    const allowed = low === "href" ? LINK.test(value.trim()) : low === "src" && /^(cid:|data:image\/)/i.test(value.trim());
    if (low.startsWith("on") || low === "srcdoc" || (isAddress && !allowed)) element.removeAttribute(name);
  }
  if (element.localName === "a") { element.target = "_blank"; element.rel = "noopener noreferrer"; }
}

/** A document without anything active; `pictures` maps a Content-ID (without brackets) to a data address. */
export function clean(html, pictures = new Map()) {
  const mail = new DOMParser().parseFromString(html, "text/html");
  mail.querySelectorAll(GONE).forEach((element) => element.remove());
  for (const element of mail.querySelectorAll("*")) {
    cleanAttributes(element);
    const source = element.getAttribute("src") || "";
    if (!source.toLowerCase().startsWith("cid:")) continue;
    const picture = pictures.get(decodeURIComponent(source.slice(4)));
    if (picture) element.setAttribute("src", picture); else element.removeAttribute("src");
  }
  return mail;
}

/** The words of an HTML text, one line per block. */
export function plain(html) {
  const mail = clean(html);
  mail.querySelectorAll("style,title").forEach((element) => element.remove());
  mail.querySelectorAll("br").forEach((element) => element.replaceWith("\n"));
  mail.querySelectorAll("p,div,li,tr,h1,h2,h3,blockquote").forEach((element) => element.append("\n"));
  return mail.body.textContent.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

function dressed(mail, onWhite) {
  const theme = getComputedStyle(document.documentElement);
  const colour = (name) => theme.getPropertyValue(name).trim();
  const policy = mail.createElement("meta");
  policy.setAttribute("http-equiv", "Content-Security-Policy");
  policy.setAttribute("content", POLICY);
  const style = mail.createElement("style");
  // A mail that brings colours of its own was written for white paper and gets it in every theme.
  const [scheme, ink, paper, link] = onWhite ? ["light", "#242424", "#ffffff", "#0f62ab"]
    : [colour("color-scheme") || "light", colour("--fg-1"), "transparent", colour("--accent-fg")];
  style.textContent = `:root{color-scheme:${scheme};background:${paper}}`
    + `body{margin:0;font:14px/20px "Segoe UI",system-ui,sans-serif;color:${ink};overflow-wrap:anywhere;overflow-x:auto}`
    + `a{color:${link}}img{max-width:100%;height:auto}p{margin:0 0 12px}`
    + `blockquote{margin:0;padding-left:12px;border-left:2px solid ${colour("--line-1")}}`;
  mail.head.prepend(policy, style);
  return `<!doctype html>${mail.documentElement.outerHTML}`;
}

function grow(frame) {
  const inside = frame.contentDocument;
  if (!inside || !inside.body) return;
  const fit = () => { frame.style.height = `${Math.max(40, inside.documentElement.scrollHeight + 2)}px`; };
  fit();
  new ResizeObserver(fit).observe(inside.body);
  inside.querySelectorAll("img").forEach((picture) => picture.addEventListener("load", fit));
}

/** The frame. `allow-same-origin` lets this page measure its height; without `allow-scripts` nothing inside can run. */
export function frame(html, pictures) {
  const box = h("iframe", { class: "ol-html", title: "Message", sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox" });
  box.addEventListener("load", () => {
    grow(box);
    // Keys pressed while a mail has the focus move through the list as well.
    box.contentDocument.addEventListener("keydown", (event) => {
      const again = new KeyboardEvent("keydown", { key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey,
        altKey: event.altKey, shiftKey: event.shiftKey, bubbles: true, cancelable: true });
      if (!box.dispatchEvent(again)) event.preventDefault();
    });
  });
  box.srcdoc = dressed(clean(html, pictures), /\bcolor\s*[:=]|bgcolor|background/i.test(html));
  return box;
}
