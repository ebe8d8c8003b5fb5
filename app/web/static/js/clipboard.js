// Putting text on the clipboard, whatever the browser allows, and looking at it when the agent comes back from the chat.

import { byId } from "./dom.js";

let lastSeen = "";

/** True when the text is on the clipboard; otherwise it is shown selected, for Ctrl+C. */
export async function copyText(text) {
  lastSeen = text;
  if (await writeWithApi(text)) return true;
  if (writeWithCommand(text)) return true;
  showForHand(text);
  return false;
}

async function writeWithApi(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no secure context, or an embedding page without permission
    return false;
  }
}

function writeWithCommand(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "offscreen";
  area.value = text;
  (before?.closest("dialog") ?? document.body).append(area);
  area.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    // the browser forbids it
  }
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}

function showForHand(text) {
  const dialog = byId("by-hand");
  const area = dialog.querySelector("textarea");
  area.value = text;
  dialog.showModal();
  area.focus();
  area.select();
}

export function watchHandCopy() {
  const dialog = byId("by-hand");
  dialog.querySelector("textarea").addEventListener("copy", () => setTimeout(() => dialog.close()));
}

/** New text from the clipboard, or "" when there is none or the browser would have to ask first. */
export async function readNewText() {
  try {
    const permission = await navigator.permissions.query({ name: "clipboard-read" });
    if (permission.state !== "granted") return "";
    const text = (await navigator.clipboard.readText()).trim();
    if (!text || text === lastSeen.trim()) return "";
    lastSeen = text;
    return text;
  } catch {
    return "";
  }
}

/** Asks the browser for leave to read the clipboard; true when it is given. */
export async function askToRead() {
  try {
    lastSeen = await navigator.clipboard.readText();
    return true;
  } catch {
    return false;
  }
}
