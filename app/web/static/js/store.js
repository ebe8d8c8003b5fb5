// What the browser remembers. Settings outlive the tab; customers' words stay in this tab only.

const PREFIX = "huashu.";

function read(storage, name, fallback) {
  try {
    const text = storage().getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

function write(storage, name, value) {
  try {
    storage().setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // full or blocked: it is forgotten with the page, nothing else breaks
  }
}

const local = () => localStorage;
const session = () => sessionStorage;

export const setting = (name, fallback) => read(local, `setting.${name}`, fallback);
export const saveSetting = (name, value) => write(local, `setting.${name}`, value);
export const sessionValue = (name, fallback) => read(session, name, fallback);
export const saveSessionValue = (name, value) => write(session, name, value);
