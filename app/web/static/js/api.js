// The service, as the panel uses it.

import { setNow } from "./times.js";

const TIMEOUT = 10000;

/** A request that failed. passing: it may work when tried again. */
export class ApiError extends Error {
  constructor(detail, { status = 0, code = "" } = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.passing = status === 0 || status === 429 || status >= 500;
  }
}

const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function call(path, { body, signal, method = body ? "POST" : "GET" } = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), TIMEOUT);
  signal?.addEventListener("abort", () => control.abort());
  const init = { signal: control.signal, headers: { Accept: "application/json" } };
  if (method !== "GET") {
    init.method = method;
    Object.assign(init.headers, { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() });
    if (body) init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/api/v1${path}`, init);
    setNow(response.headers.get("Date"));
    if (response.ok) return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("连不上话术助手");
  } finally {
    clearTimeout(timer);
  }
  throw await problem(response);
}

async function problem(response) {
  let told = {};
  try {
    told = await response.json();
  } catch {
    // not a problem document: the status has to do
  }
  return new ApiError(told?.detail ?? "话术助手没有答上来", {
    status: response.status,
    code: told?.code ?? "",
  });
}

export const suggest = (body, signal) => call("/suggest", { body, signal });
export const searchScripts = (words, signal) => call(`/scripts?q=${encodeURIComponent(words)}`, { signal });
export const usedScripts = (signal) => call("/scripts?used=true&limit=8", { signal });
export const readCard = (id) => call(`/cards/${encodeURIComponent(id)}`);

const conversation = (id) => `/conversations/${encodeURIComponent(id)}`;

export const postTurn = (id, body) => call(`${conversation(id)}/turns`, { body });
export const postReply = (id, body) => call(`${conversation(id)}/replies`, { body });
export const putReplyAway = (id, messageId) =>
  call(`${conversation(id)}/replies/${encodeURIComponent(messageId)}`, { method: "DELETE" });
const channel = (name) => `/channels/${encodeURIComponent(name)}`;

export const readPageSignature = (name, url) =>
  call(`${channel(name)}/page-signature?url=${encodeURIComponent(url)}`);
export const findOfCustomer = (name, customer) =>
  call(`${channel(name)}/conversation?customer=${encodeURIComponent(customer)}`);
export const putFacts = (id, body) => call(`${conversation(id)}/facts`, { body, method: "PUT" });
export const patchConversation = (id, body) => call(conversation(id), { body, method: "PATCH" });
export const findConversations = (words, signal) =>
  call(`/conversations?limit=30&q=${encodeURIComponent(words)}`, { signal });
export const listAlerts = () => call("/alerts");
export const seeAlert = (id) => call(`/alerts/${id}/seen`, { method: "PUT" });
export const readConversation = (id) => call(conversation(id));
export const readWaiting = () => call("/events/waiting");
export const deleteTurn = (id, turnId) => call(`${conversation(id)}/turns/${turnId}`, { method: "DELETE" });
export const putRisk = (id, risk, mark) =>
  call(`${conversation(id)}/risks/${encodeURIComponent(risk)}`, { method: "PUT", body: { mark } });
export const readClocks = (id) => call(`${conversation(id)}/clocks`);
export const putClock = (id, clock, since) =>
  call(`${conversation(id)}/clocks/${encodeURIComponent(clock)}`, { body: { since }, method: "PUT" });
export const deleteClock = (id, clock) =>
  call(`${conversation(id)}/clocks/${encodeURIComponent(clock)}`, { method: "DELETE" });
export const listPromises = (id) => call(`/promises?status=todo&limit=20&conversation=${encodeURIComponent(id)}`);
export const changePromise = (id, body) => call(`/promises/${id}`, { body, method: "PATCH" });
export const readEvidence = (id) => call(`${conversation(id)}/evidence`);
export const putEvidence = (id, item, there) =>
  call(`${conversation(id)}/evidence/${item}`, { method: "PUT", body: { there } });
export const openCase = (conversation_id) => call("/cases", { body: { conversation_id } });
export const withdrawCase = (id) => call(`/cases/${id}/withdraw`, { method: "POST" });
export const readExcerpt = (body) => call("/excerpts", { body });
export const sendFeedback = (body) => call("/feedback", { body });
export const checkDraft = (body) => call("/check-draft", { body });

let intents = null;

/** All intents as [{id, name, …}], asked for once. */
export async function listIntents() {
  intents ??= call("/intents").then((answer) => answer.items ?? answer.intents ?? answer);
  try {
    return await intents;
  } catch (error) {
    intents = null;
    throw error;
  }
}
