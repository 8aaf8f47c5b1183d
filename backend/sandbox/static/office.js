/* The global `Office` as a page finds it, and the first word to the host. */

const NOBODY = 3000;
const info = { host: null, platform: null };
let arrived;
const ready = new Promise((resolve) => { arrived = resolve; });

function dialog(url, ...rest) {
  later(rest, async () => {
    const first = new URL(url, location.href);
    if (first.origin !== location.origin) throw refused("DialogApiInvalidDomain", 12004, "The dialog must begin on the page's own domain.");
    await ask("dialog", { url: first.href });
    return { close() {}, addEventHandler() {}, messageChild() {} };
  });
}

const context = {
  mailbox: undefined,
  host: null,
  platform: null,
  roamingSettings: bag(),
  touchEnabled: false,
  commerceAllowed: false,
  requirements: { isSetSupported: (name, version) => reachesSet(name, version === undefined ? "1.1" : version) },
  ui: {
    displayDialogAsync: dialog,
    messageParent() {},
    closeContainer: () => { ask("close").catch(() => {}); },
    openBrowserWindow: (url) => { window.open(url, "_blank", "noopener"); },
  },
  get displayLanguage() { return host.language; },
  get contentLanguage() { return host.language; },
  get officeTheme() { return { ...host.theme }; },
  get diagnostics() { return { host: info.host, platform: info.platform, version: "16.0.0.0" }; },
};

const Office = {
  context,
  AsyncResultStatus: Status,
  CoercionType: Coercion,
  EventType: Events,
  HostType: { Outlook: "Outlook", Word: "Word", Excel: "Excel", PowerPoint: "PowerPoint", OneNote: "OneNote" },
  PlatformType: { PC: "PC", OfficeOnline: "OfficeOnline", Mac: "Mac", iOS: "iOS", Android: "Android", Universal: "Universal" },
  ThemeId: { Colorful: 0, DarkGray: 1, Black: 3, White: 4 },
  MailboxEnums: {
    ItemType: { Message: "message", Appointment: "appointment" },
    AttachmentType: { File: "file", Item: "item", Cloud: "cloud" },
    AttachmentContentFormat: { Base64: "base64", Url: "url", Eml: "eml", ICalendar: "iCalendar" },
    BodyMode: { FullBody: 0, HostConfig: 1 },
    ItemNotificationMessageType: { ProgressIndicator: "progressIndicator", InformationalMessage: "informationalMessage",
      ErrorMessage: "errorMessage", InsightMessage: "insightMessage" },
    RestVersion: { v1_0: "v1.0", v2_0: "v2.0", Beta: "beta" },
    UserProfileType: { Office365: "office365", OutlookCom: "outlookCom", Enterprise: "enterprise", Gmail: "gmail" },
  },
  actions: { associate() {} },
  initialize: undefined,
  onReady(callback) {
    const answer = ready.then(() => ({ ...info }));
    if (callback) answer.then(callback);
    return answer;
  },
  isSetSupported: (name, version) => context.requirements.isSetSupported(name, version),
};
window.Office = Office;

function arrive() {
  context.host = info.host;
  context.platform = info.platform;
  arrived();
  if (typeof Office.initialize === "function") Office.initialize("documentOpened");
}

// Like the real one, which leaves routers that rely on these two without them.
window.history.pushState = null;
window.history.replaceState = null;

onHost("welcome", (said) => {
  if (info.host !== null) return;
  welcome(said);
  Object.assign(info, { host: Office.HostType.Outlook, platform: Office.PlatformType.OfficeOnline });
  context.mailbox = mailbox;
  arrive();
});
onHost("item", selected);
onHost("theme", themed);

if (framed) {
  tellHost({ kind: "hello" });
  // Framed by some other page: nobody answers, and the page learns that there is no host.
  setTimeout(() => { if (info.host === null) { desert(); arrive(); } }, NOBODY);
} else {
  arrive();
}
