// Tone, shop, theme, and whether the clipboard may be read: chosen once, remembered in this browser.

import { analyse } from "./analyse.js";
import { askToRead } from "./clipboard.js";
import { byId } from "./dom.js";
import { vocabulary } from "./state.js";
import { saveSetting, setting } from "./store.js";
import { toast } from "./toast.js";

export function startSettings() {
  const tone = byId("tone");
  tone.value = setting("tone", null) ?? shopTone();
  tone.addEventListener("change", () => remember("tone", tone.value));
  byId("open-help").addEventListener("click", () => byId("help").showModal());
  startShop();
  startTheme();
  startReading();
  const menu = byId("menu");
  document.addEventListener("pointerdown", (event) => menu.contains(event.target) || (menu.open = false));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/** Until a tone is chosen the shop's own holds. */
function shopTone() {
  const shops = vocabulary.shops;
  const shop = shops.find((one) => one.id === setting("shop", null)) ?? shops[0];
  return shop?.tone ?? vocabulary.tones[0];
}

function remember(name, value) {
  saveSetting(name, value);
  analyse();
}

function startShop() {
  const select = byId("shop");
  if (!select) return;
  select.value = setting("shop", select.value) ?? select.value;
  select.addEventListener("change", () => {
    remember("shop", select.value);
    byId("tone").value = setting("tone", null) ?? shopTone();
  });
}

/** The early script reads the plain value before the first paint. */
function startTheme() {
  const root = document.documentElement;
  const group = byId("theme");
  const now = root.dataset.theme ?? "system";
  for (const radio of group.querySelectorAll("input")) {
    radio.checked = radio.value === now;
    radio.addEventListener("change", () => setTheme(radio.value));
  }
}

function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("huashu.theme", theme);
  } catch {
    // storage is blocked: the choice lasts until the page is closed
  }
}

function startReading() {
  const box = byId("read-clipboard");
  box.checked = setting("readClipboard", false);
  box.addEventListener("change", async () => {
    if (box.checked && !(await askToRead())) {
      box.checked = false;
      toast("浏览器没有允许读剪贴板，照常粘贴就好");
    }
    saveSetting("readClipboard", box.checked);
  });
}
