/* The mailbox: which item is selected, who is signed in, and word of every change. */

const Events = { ItemChanged: "olkItemSelectedChanged", OfficeThemeChanged: "officeThemeChanged", RecipientsChanged: "olkRecipientsChanged" };
const handlers = new Map();
const host = { sets: {}, language: "en-US", theme: {}, profile: {}, diagnostics: {} };

const reachesSet = (name, version = "1.1") => Boolean(host.sets[name]) && reaches(host.sets[name], version);
const reachesMailbox = (version) => reachesSet("Mailbox", version);

function fire(type, extra = {}) {
  for (const handler of [...(handlers.get(type) || [])]) handler({ type, ...extra });
}

function addHandler(type, handler, ...rest) {
  later(rest, () => {
    if (!Object.values(Events).includes(type)) throw refused("UnsupportedEventType", 5000, "There is no such event.");
    handlers.set(type, [...(handlers.get(type) || []), handler]);
  });
}

function removeHandler(type, ...rest) {
  later(rest, () => { handlers.delete(type); });
}

// Exchange's own tokens are switched off in every tenant; only nested app authentication is left.
const noToken = (code) => (...rest) => later(rest, () => { throw refused("GenericTokenError", code, "Legacy Exchange tokens are turned off."); });

const mailbox = {
  item: null,
  userProfile: host.profile,
  diagnostics: host.diagnostics,
  addHandlerAsync: addHandler,
  removeHandlerAsync: removeHandler,
  convertToRestId: (id) => id.replace(/\//g, "-").replace(/\+/g, "_"),
  convertToEwsId: (id) => id.replace(/-/g, "/").replace(/_/g, "+"),
  getCallbackTokenAsync: noToken(9018),
  getUserIdentityTokenAsync: noToken(9017),
  displayNewMessageForm: (data) => { ask("form", { kind: "new", values: newValues(data) }).catch(() => {}); },
  displayNewMessageFormAsync: (data, ...rest) => later(rest, () => ask("form", { kind: "new", values: newValues(data) })),
};

function newValues(data = {}) {
  return { ...formValues(data), to: data.toRecipients || [], cc: data.ccRecipients || [], subject: data.subject || "" };
}

/** Takes over what the host says about itself and the person. */
function welcome(said) {
  Object.assign(host, { sets: said.sets, language: said.language, theme: said.theme });
  Object.assign(host.profile, said.profile);
  Object.assign(host.diagnostics, said.diagnostics);
  roaming.values = said.roaming;
  mailbox.item = makeItem(said.item, reachesMailbox);
}

function selected({ item }) {
  mailbox.item = makeItem(item, reachesMailbox);
  fire(Events.ItemChanged, { initialData: null });
}

function themed({ theme }) {
  host.theme = theme;
  fire(Events.OfficeThemeChanged, { officeTheme: theme });
}
