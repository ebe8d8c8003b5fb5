// Evidence photos: chosen, dropped or pasted, sent one after another as they are.

import { byId } from "../dom.js";
import { call, tell } from "./service.js";

const MAX_BYTES = 5 * 1024 * 1024;

/** id: of the case. reload: called when something was stored or removed. */
export function startPhotos(id, reload) {
  const trouble = byId("trouble");
  const zone = byId("drop-zone");
  const pick = byId("pick");
  async function send(files) {
    const images = [...files].filter((file) => file.type.startsWith("image/"));
    if (!images.length) return;
    const refused = [];
    for (const [at, file] of images.entries()) {
      byId("sending").textContent = `正在传第 ${at + 1} 张，共 ${images.length} 张`;
      try {
        if (file.size > MAX_BYTES) throw new Error("一张最多 5 MB，请压缩后再传");
        await call("POST", `/cases/${id}/photos?name=${encodeURIComponent(file.name.slice(-150))}`, file);
      } catch (error) {
        refused.push(`${file.name}：${error.message}`);
      }
    }
    byId("sending").textContent = "";
    pick.value = "";
    if (refused.length) tell(trouble, refused.join("；"));
    if (refused.length < images.length) await reload();
  }
  pick.addEventListener("change", () => send(pick.files));
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) send(event.clipboardData.files);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", name === "dragover");
      if (name === "drop") send(event.dataTransfer.files);
    });
  }
  byId("case").addEventListener("click", async (event) => {
    const remove = event.target.closest("[data-remove]");
    if (!remove || !confirm("删掉这张照片吗？删了就找不回来了")) return;
    try {
      await call("DELETE", `/cases/${id}/photos/${remove.dataset.remove}`);
      await reload();
    } catch (error) {
      tell(trouble, error.message);
    }
  });
}
