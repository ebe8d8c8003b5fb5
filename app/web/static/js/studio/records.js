// A list of things that have several fields each.
import { button, el } from "../dom.js";

/** Many things of one kind, each folded under its title with a form of its own, which `form` makes. */
export function records(field, all, tell, form) {
  const list = el("div", { class: "records" });
  const draw = (open) => list.replaceChildren(...all.map((one, index) => {
    const title = el("span", {}, field.title(one));
    const told = () => { title.textContent = field.title(one); tell(all); };
    const block = el("details", { class: "record", data: { path: `${field.path.join(".")}.${index}`, about: field.about?.(one) ?? "" } },
      el("summary", {}, title), el("p", { class: "problem" }));
    const fill = () => {
      if (block.querySelector(".form")) return;
      block.append(form(field.fields, one, told, `${field.path.join(".")}.${index}.`),
        button({ class: "button quiet danger", onclick: () => { all.splice(index, 1); tell(all); draw(); } }, "删掉这一个"));
    };
    block.addEventListener("toggle", fill);
    if (index === open) { fill(); block.open = true; }
    return block;
  }));
  draw();
  const add = button({ class: "button quiet", onclick: () => {
    all.push(field.fresh());
    tell(all);
    draw(all.length - 1);
    list.lastElementChild.querySelector("input")?.focus();
  } }, `＋ ${field.add}`);
  return el("div", {}, list, add);
}
