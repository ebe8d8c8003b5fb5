// Beside everything that is to be carried elsewhere, a link, an address or a secret, a button that copies it.

import { button } from "../dom.js";

for (const field of document.querySelectorAll("input.secret")) {
  const name = field.getAttribute("aria-label") ?? field.labels[0]?.textContent.split("（")[0].trim() ?? "";
  const copy = button({ class: "button small copy-secret", label: `复制${name}`, onclick: () => take(field, copy) }, "复制");
  (field.closest("label") ?? field).after(copy);
  field.addEventListener("focus", () => field.select());
}

async function take(field, copy) {
  try {
    await navigator.clipboard.writeText(field.value);
    copy.textContent = "已复制";
  } catch {
    // no secure context: the text is selected for the keys
    field.focus();
    copy.textContent = "选好了，按 Ctrl+C";
  }
}
