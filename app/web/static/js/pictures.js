// The pictures that go with a script (size charts): seen small, copied or saved with one click.

import { button, el } from "./dom.js";
import { toast } from "./toast.js";

/** The pictures of a script, or null when it has none. */
export function pictures(script) {
  if (!script.images?.length) return null;
  return el("ul", { class: "pictures" }, script.images.map(picture));
}

function picture(image) {
  const name = image.alt + image.url.slice(image.url.lastIndexOf("."));
  const copy = button({ class: "link", label: `复制图片：${image.alt}`, onclick: () => copyPicture(image) }, "复制图片");
  return el(
    "li",
    {},
    el("a", { href: image.url, target: "_blank", rel: "noopener", title: "看大图" },
      el("img", { src: image.url, alt: image.alt, width: String(image.width), height: String(image.height), loading: "lazy" })),
    el("span", { class: "picture-tools" }, el("span", { class: "picture-name" }, image.alt), copy,
      el("a", { class: "link", href: image.url, download: name, "aria-label": `下载：${image.alt}` }, "下载")),
  );
}

async function copyPicture(image) {
  try {
    // browsers take nothing but PNG; the promise keeps the click's leave to write
    await navigator.clipboard.write([new ClipboardItem({ "image/png": asPng(image.url) })]);
    toast("图片复制好了，去聊天窗口粘贴");
  } catch {
    toast("浏览器不让直接复制图片，点「下载」再发给顾客");
  }
}

async function asPng(url) {
  const blob = await (await fetch(url)).blob();
  if (blob.type === "image/png") return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
