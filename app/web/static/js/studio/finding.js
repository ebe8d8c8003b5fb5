// Scripts found by their words while one types into the catalogue's filter.
import { byId } from "../dom.js";
import { find } from "./api.js";
import { fail } from "./common.js";

const PAUSE = 200;

/** Keep state.filter and state.found as the filter says; redraw() is told after each change. */
export function startFinding(state, redraw) {
  let waiting = 0;
  const look = async () => {
    const asked = state.filter;
    try {
      const { items } = await find(asked);
      if (asked !== state.filter) return;
      state.found = items;
      redraw();
    } catch (error) {
      fail(error);
    }
  };
  byId("filter").addEventListener("input", (event) => {
    state.filter = event.target.value.trim();
    if (!state.filter) state.found = [];
    redraw();
    clearTimeout(waiting);
    if (state.filter) waiting = setTimeout(look, PAUSE);
  });
}
