// What helps with the blank being filled, floating below its bubble: what is lacking, and values to choose from.

import { choicesFor, setBlank } from "./blanks.js";
import { button, el } from "./dom.js";

/** {show(field), hide(), tell(text)}; picked(field) runs after a value was chosen. */
export function makeAssist(picked) {
  const lack = el("p", { class: "lack", role: "alert" });
  const choices = el("span", { class: "choices" });
  const box = el("span", { class: "assist" }, lack, choices);
  const drop = () => (box.hidden = !lack.textContent && !choices.childElementCount);
  const choice = (field, value) => {
    const choose = (event) => {
      event.stopPropagation();
      setBlank(field, value);
      picked(field);
    };
    // pressing must not take the focus from the field: this box would be gone before the click
    const keepFocus = (event) => event.preventDefault();
    return button(
      { tabindex: "-1", onpointerdown: keepFocus, onmousedown: keepFocus, onclick: choose },
      value,
    );
  };
  return {
    show(field) {
      choices.replaceChildren(...choicesFor(field.dataset.blank).map((value) => choice(field, value)));
      field.closest(".bubble").append(box);
      drop();
    },
    hide: () => box.remove(),
    tell(text) {
      lack.textContent = text;
      drop();
    },
  };
}
