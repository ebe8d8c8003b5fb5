// What comes from the chat window: pasted anywhere on the page, or read from the clipboard when the agent comes back.

import { readNewText } from "./clipboard.js";
import { byId } from "./dom.js";
import { receive } from "./excerpt.js";
import { photoReceived } from "./message.js";
import { current, setStatus } from "./state.js";
import { setting } from "./store.js";

export function startPasting() {
  document.addEventListener("paste", onPaste);
  addEventListener("focus", readClipboard);
}

function onPaste(event) {
  const within = event.target.closest?.("input, textarea, dialog[open]");
  // a field takes it as text; only the empty box for the message takes it like the page does
  if (within && !(within === byId("message") && !current().text)) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.trim()) {
    event.preventDefault();
    receive(text.trim());
  } else if (event.clipboardData?.files.length) {
    photoReceived();
    setStatus({ text: "照片请在聊天窗口看，这里只分析文字；已记下照片收到了" });
  }
}

async function readClipboard() {
  if (!setting("readClipboard", false) || document.querySelector("dialog[open]")) return;
  const text = await readNewText();
  if (text) receive(text);
}
