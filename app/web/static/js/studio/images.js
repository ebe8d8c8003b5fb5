// The images of a script: uploaded or chosen from those that are there, named, put in order.
import { button, el, icon } from "../dom.js";
import { images, uploadImage } from "./api.js";
import { fail, toast } from "./common.js";
import { choice, said } from "./controls.js";

const MAX = 4;
let known = null;

/** All images of the draft, asked for once. */
export async function allImages() {
  known ??= images().then(({ items }) => items);
  try {
    return await known;
  } catch (error) {
    known = null;
    throw error;
  }
}

/** A picture as it is shown beside a script. */
export const thumb = (image, alt) =>
  el("img", { class: "thumb", src: image.url, alt: alt || image.alt, width: String(Math.min(image.width, 96)), loading: "lazy" });

/** Pictures of a script as its `images` names them; filled in as soon as they are known. */
export function pictures(value) {
  const place = el("div", { class: "pictures" });
  if (value?.length) {
    allImages().then((found) => {
      const named = value.map((one) => (typeof one === "string" ? { file: one } : one));
      place.replaceChildren(...named.flatMap((one) => {
        const image = found.find((known) => known.file === one.file);
        return image ? [thumb(image, one.alt)] : [];
      }));
    }, fail);
  }
  return place;
}

/** The control: value is what the script's `images` says; tell gets it after every change. */
export function imagesField(value, tell) {
  const all = (value ?? []).map((one) => (typeof one === "string" ? { file: one } : { ...one }));
  const list = el("ul", { class: "rows image-rows" });
  const place = el("div", { class: "image-add" });
  const send = () => tell(all.map((one) => (one.alt ? { file: one.file, alt: one.alt } : one.file)));

  function row(one, index, found) {
    const alt = said("图上是什么", one.alt, { placeholder: one.file.replace(/\.[a-z]+$/i, ""), maxlength: "80" });
    alt.addEventListener("input", () => { one.alt = alt.value.trim(); send(); });
    const image = found.find((known) => known.file === one.file);
    return el("li", { class: "row", data: { path: `images.${index}` } },
      image ? thumb(image, one.alt) : el("span", { class: "hint" }, "没有这张"), alt,
      button({ class: "tool", label: `拿掉图片「${one.file}」`, onclick: () => { all.splice(index, 1); send(); draw(); } }, icon("close")),
      el("p", { class: "problem" }));
  }

  async function draw() {
    let found = [];
    try {
      found = await allImages();
    } catch (error) {
      fail(error);
    }
    list.replaceChildren(...all.map((one, index) => row(one, index, found)));
    const free = found.filter((image) => !all.some((one) => one.file === image.file));
    const take = choice("用已经传过的图片", "", [["", "用已经传过的"], ...free.map((image) => [image.file, image.file])]);
    take.addEventListener("change", () => { if (take.value) { all.push({ file: take.value }); send(); draw(); } });
    const file = el("input", { type: "file", class: "sr", accept: "image/png,image/jpeg,image/webp", "aria-label": "上传图片" });
    file.addEventListener("change", () => upload(file));
    const upper = el("label", { class: "button upload" }, "上传图片", file);
    place.replaceChildren(...(all.length < MAX ? [upper, ...(free.length ? [take] : [])] : [el("span", { class: "hint" }, `一条话术最多 ${MAX} 张`)]));
  }

  async function upload(file) {
    const chosen = file.files[0];
    if (!chosen) return;
    file.disabled = true;
    try {
      const image = await uploadImage(chosen);
      known = null;
      if (!all.some((one) => one.file === image.file)) all.push({ file: image.file });
      send();
      toast("图片传好了，存进草稿才会跟着这条话术");
    } catch (error) {
      fail(error);
    }
    draw();
  }

  draw();
  return el("div", {}, list, place);
}
