// The studio's part of the service.

const TIMEOUT = 120000;

/** A request that failed. body: the problem document. */
export class StudioError extends Error {
  constructor(detail, status, body = {}) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

export async function call(path, { body, method = body ? "POST" : "GET", signal } = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), TIMEOUT);
  signal?.addEventListener("abort", () => control.abort());
  const init = { method, signal: control.signal, headers: { Accept: "application/json" } };
  if (method !== "GET") {
    init.headers["Content-Type"] = "application/json";
    init.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    if (body) init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/api/v1/studio${path}`, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new StudioError("连不上话术助手，刚才写的还在这一页，连上后再存", 0);
  } finally {
    clearTimeout(timer);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new StudioError(answer.detail ?? "没有做成，请再试一次", response.status, answer);
  return answer;
}

/** Put an image file into the draft. */
export async function uploadImage(file) {
  let response;
  try {
    response = await fetch(`/api/v1/studio/images?${query({ name: file.name })}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "" },
      body: file,
    });
  } catch {
    throw new StudioError("没有传上去：连不上话术助手，请再试一次", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new StudioError(answer.detail ?? "没有传上去，请再试一次", response.status, answer);
  return answer;
}

export const images = () => call("/images");

const query = (values) => new URLSearchParams(values).toString();

export const overview = () => call("");
export const readTree = (problems) => call(`/tree?problems=${problems}`);
export const entriesOf = (values) => call(`/entries?${query(values)}`);
export const readEntry = (name) => call(`/entry?${query({ name })}`);
export const saveEntry = (body) => call("/entry", { method: "PUT", body });
export const find = (q) => call(`/find?${query({ q })}`);
export const uses = (name) => call(`/uses?${query({ name })}`);
export const check = (body, signal) => call("/check", { body, signal });
export const problems = () => call("/problems");
export const changes = () => call("/changes");
export const undo = (edit) => call("/undo", { body: { edit } });
export const discard = (version) => call("/discard", { body: { version } });
export const settle = (name, side) => call("/clashes", { body: { name, side } });
export const tryOut = (body) => call("/try", { body });
export const hits = (script) => call(`/hits?${query({ script })}`);
export const golden = () => call("/golden");
export const addGolden = (body) => call("/golden", { body });
export const removeGolden = (id) => call(`/golden/${id}`, { method: "DELETE" });
export const review = (body) => call("/review", { body });
export const setReview = (review) => call("/settings", { method: "PUT", body: { review } });
export const examine = (version) => call("/examine", { body: { version } });
export const publish = (body) => call("/publish", { body });
export const releases = () => call("/releases");
export const diff = (before, after) => call(`/diff?${query({ before, after })}`);
export const takeBack = (number) => call(`/releases/${number}/take-back`, { method: "POST" });
