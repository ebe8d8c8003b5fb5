// Where the problems of a form are told.

/** Put each problem at its field, or at the top of the form when it has none. */
export function showProblems(place, problems) {
  for (const node of place.querySelectorAll(".problem")) node.textContent = "";
  for (const node of place.querySelectorAll(".has-problem")) node.classList.remove("has-problem");
  for (const problem of problems) {
    const path = [...problem.path];
    let node = null;
    while (path.length && !node) {
      node = place.querySelector(`[data-path="${CSS.escape(path.join("."))}"]`);
      path.pop();
    }
    const own = node?.matches(".row, .record") ? node.querySelector(":scope > .problem") : node?.querySelector(":scope > .problem");
    const target = own ?? place.querySelector(".problem.whole");
    if (!target) continue;
    node?.classList.add("has-problem");
    node?.closest("details")?.setAttribute("open", "");
    target.textContent += (target.textContent ? "；" : "") + problem.text;
    target.classList.toggle("warning", problem.level === "warning");
  }
}
