// Signs in without a word: Outlook vouches for the person (nested app authentication), the access token is exchanged
// once for the session cookie, and from then on pages, fragments and streams work as everywhere.
const settings = () => document.getElementById("main").dataset;
let client = null;

const token = async () => {
  const { clientId, authority, scope } = settings();
  client ??= await msal.createNestablePublicClientApplication({
    auth: { clientId, authority },
    system: { loggerOptions: { logLevel: msal.LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} } },
  });
  const request = { scopes: [scope] };
  try {
    return (await client.acquireTokenSilent(request)).accessToken;
  } catch (error) {
    if (!(error instanceof msal.InteractionRequiredAuthError)) throw error;
    return (await client.acquireTokenPopup(request)).accessToken;
  }
};

export const canSignIn = () => Boolean(window.Office?.context?.requirements?.isSetSupported("NestedAppAuth", "1.1"));

let running = null;

// One sign-in at a time, however many ask. Resolves to the person's facts; rejects with a sentence for the person.
export const signIn = (door = "pane") => {
  running ??= (async () => {
    const answer = await fetch(`/session?door=${door}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${await token()}`, Accept: "application/json" },
    });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(body.title ?? ""), { said: body.title });
    document.querySelector('meta[name="csrf-token"]').content = body.csrf;
    document.body.dataset.person = body.person_id ?? "";
    return body;
  })().finally(() => { running = null; });
  return running;
};
