/* What people and the bot write, as nodes: never as markup of the page. */

import { h } from "/_sandbox/outlook/static/dom.js";

const PIECES = /<at>(.*?)<\/at>|\*\*(.+?)\*\*|(?<![\w*])[*_](?!\s)([^*_\n]+?)[*_](?!\w)|`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

/** An address that may be opened: http, https and mail only; null for any other. */
export function safe(address) {
  try {
    const url = new URL(String(address));
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(text, address) {
  const href = safe(address);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

function piece([whole, at, bold, italic, code, words, address], marked) {
  if (at !== undefined) return h("span", { class: "mention" }, at);
  if (!marked) return whole;
  if (bold !== undefined) return h("strong", {}, bold);
  if (italic !== undefined) return h("em", {}, italic);
  if (code !== undefined) return h("code", {}, code);
  return link(words, address);
}

/** Nodes of a text; with `marked` the little Markdown that Teams shows counts. */
export function words(text, marked = false) {
  const nodes = [];
  let from = 0;
  for (const match of String(text ?? "").matchAll(PIECES)) {
    nodes.push(text.slice(from, match.index), piece(match, marked));
    from = match.index + match[0].length;
  }
  nodes.push(String(text ?? "").slice(from));
  return nodes.filter((node) => node !== "");
}
