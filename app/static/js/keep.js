// Small things the browser remembers; a browser that refuses storage just forgets.
const PREFIX = "gewu.";

export function recall(name, store = "localStorage") {
  try {
    return JSON.parse(window[store].getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Whether it could be kept. */
export function remember(name, value, store = "localStorage") {
  try {
    window[store].setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false; // Full or forbidden storage must not stop the page.
  }
}

export function forget(name, store = "localStorage") {
  try {
    window[store].removeItem(PREFIX + name);
  } catch {
    // As above.
  }
}

/** Names of everything kept under a beginning. */
export function kept(beginning, store = "localStorage") {
  try {
    return Object.keys(window[store])
      .filter((key) => key.startsWith(PREFIX + beginning))
      .map((key) => key.slice(PREFIX.length));
  } catch {
    return [];
  }
}
