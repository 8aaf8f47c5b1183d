/* The bridge through which a page inside Office gets tokens from the host. The page sees this object and nothing
   else: no address of a sign-in service, no password, no refresh token. Requests and answers are JSON texts. */

const bridgeListeners = new Set();

function answerBridge(request, answer) {
  const envelope = { messageType: "NestedAppAuthResponse", requestId: request.requestId, ...answer };
  for (const listener of bridgeListeners) listener({ data: JSON.stringify(envelope) });
}

const bridge = {
  addEventListener(kind, listener) {
    if (kind === "message") bridgeListeners.add(listener);
  },
  removeEventListener(kind, listener) {
    if (kind === "message") bridgeListeners.delete(listener);
  },
  postMessage(text) {
    const request = JSON.parse(text);
    if (request.messageType !== "NestedAppAuthRequest") return;
    const { method, tokenParams } = request;
    ask("nested", { request: { method, tokenParams } }).then(
      (answer) => answerBridge(request, answer),
      (error) => answerBridge(request, { success: false, error: { status: deserted ? "NESTED_APP_AUTH_UNAVAILABLE" : "TRANSIENT_ERROR", code: error.name, description: error.message } }),
    );
  },
};

// A plain browser has no such bridge, which is how a page finds out that it has to sign in otherwise.
if (framed) window.nestedAppAuthBridge = bridge;
