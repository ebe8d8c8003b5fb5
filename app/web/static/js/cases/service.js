// Requests of the case pages.

const TIMEOUT = 60000;

/** What the service says went wrong. told: the whole problem document. */
export class Refused extends Error {
  constructor(detail, status, told = {}) {
    super(detail);
    this.status = status;
    this.told = told;
  }
}

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** A request to /api/v1. body: JSON, or a File as it is. Rejects with Refused. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": token() };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type || "application/octet-stream" : "application/json";
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined || isFile ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch {
    throw new Refused("连不上话术助手，请看看网络再试", 0);
  }
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(told.detail ?? "话术助手没有答上来，请再试一次", response.status, told);
  return told;
}

/** Show what went wrong in a note; empty text hides it. */
export function tell(note, text, ...more) {
  note.hidden = !text;
  note.replaceChildren(text, ...more);
}
