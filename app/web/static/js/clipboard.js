// Putting text on the clipboard, whatever the browser allows, and looking at it when the agent comes back from the chat.

import { byId } from "./dom.js";

let lastSeen = "";

/** True when the text is on the clipboard; where the browser refuses, when the agent says it was copied by hand. */
export async function copyText(text) {
  lastSeen = text;
  if (await writeWithApi(text)) return true;
  if (writeWithCommand(text)) return true;
  return askForHand(text);
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

/** Shows the text selected, for Ctrl+C; only 「我已复制」 is a yes. */
function askForHand(text) {
  const dialog = byId("by-hand");
  // one question at a time: the first keeps its answer
  if (dialog.open) return Promise.resolve(false);
  const area = dialog.querySelector("textarea");
  area.value = text;
  dialog.returnValue = "";
  dialog.showModal();
  area.focus();
  area.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "copied"), { once: true });
  });
}

/** After Ctrl+C one Enter is enough. */
export function watchHandCopy() {
  const dialog = byId("by-hand");
  const confirm = dialog.querySelector("[value=copied]");
  dialog.querySelector("textarea").addEventListener("copy", () => setTimeout(() => confirm.focus()));
  dialog.querySelector("[type=button]").addEventListener("click", () => dialog.close(""));
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
