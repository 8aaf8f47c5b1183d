/* The item in read mode. What the selection tells at once is a property, everything else is asked for. */

const Coercion = { Text: "text", Html: "html" };
const Limits = { form: 32 * 1024, notice: 150 };

function bodyOf(itemId) {
  return {
    getAsync(coercionType, ...rest) {
      later(rest, () => {
        if (!Object.values(Coercion).includes(coercionType)) throw refused("InvalidParameter", 5001, "The format must be text or html.");
        return ask("body", { itemId, format: coercionType });
      });
    },
  };
}

function noticesOf(itemId) {
  const put = (verb) => (key, details, ...rest) => later(rest, () => {
    if (String(details?.message || "").length > Limits.notice) throw refused("DataExceedsMaximumSize", 9000, "The message is too long.");
    return ask("notice", { itemId, verb, key, details });
  });
  return {
    addAsync: put("add"), replaceAsync: put("replace"),
    removeAsync: (key, ...rest) => later(rest, () => ask("notice", { itemId, verb: "remove", key })),
    getAllAsync: (...rest) => later(rest, () => ask("notice", { itemId, verb: "all" })),
  };
}

/** What an add-in gives for a reply: a string of HTML, or an object with `htmlBody`. */
function formValues(data) {
  const content = typeof data === "string" ? data : data?.htmlBody || "";
  if (content.length > Limits.form) throw refused("DataExceedsMaximumSize", 9000, "The text is longer than 32 KB.");
  return { content };
}

function replies(itemId, kind) {
  return {
    late: (data, ...rest) => later(rest, () => ask("form", { itemId, kind, values: formValues(data) })),
    now: (data) => { ask("form", { itemId, kind, values: formValues(data) }).catch(() => {}); },
  };
}

function withMethods(item, snapshot, has) {
  const { itemId } = snapshot;
  const reply = replies(itemId, "reply");
  const replyAll = replies(itemId, "reply-all");
  item.displayReplyForm = reply.now;
  item.displayReplyAllForm = replyAll.now;
  item.loadCustomPropertiesAsync = (...rest) => later(rest, () => bag(`item.${itemId}`));
  if (has("1.8")) {
    item.getAttachmentContentAsync = (attachmentId, ...rest) => later(rest, () => ask("attachment", { itemId, attachmentId }));
    item.getAllInternetHeadersAsync = (...rest) => later(rest, () => ask("headers", { itemId }));
    if (snapshot.owner) {
      item.getSharedPropertiesAsync = (...rest) => later(rest, () => ({ owner: snapshot.owner, targetMailbox: snapshot.owner,
        targetRestUrl: "", delegatePermissions: 63 }));
    }
  }
  if (has("1.9")) { item.displayReplyFormAsync = reply.late; item.displayReplyAllFormAsync = replyAll.late; }
  if (has("1.14")) item.getAsFileAsync = (...rest) => later(rest, () => ask("file", { itemId }));
}

/** The item for a host's plain description; `has("1.8")` tells which requirement sets this host reaches. */
function makeItem(snapshot, has) {
  if (!snapshot) return null;
  const { owner, dateTimeCreated, dateTimeModified, ...facts } = structuredClone(snapshot);
  const item = { ...facts, dateTimeCreated: new Date(dateTimeCreated), dateTimeModified: new Date(dateTimeModified) };
  item.body = bodyOf(snapshot.itemId);
  item.notificationMessages = noticesOf(snapshot.itemId);
  withMethods(item, snapshot, has);
  return item;
}

const roaming = { values: {} };

/** Named values that the host keeps from one visit to the next; `prefix` keeps those of an item apart. */
function bag(prefix = "") {
  const name = (key) => (prefix ? `${prefix}.${key}` : key);
  return {
    get: (key) => roaming.values[name(key)],
    set: (key, value) => { roaming.values[name(key)] = value; },
    remove: (key) => { delete roaming.values[name(key)]; },
    saveAsync: (...rest) => later(rest, () => ask("roaming", { values: roaming.values })),
  };
}
