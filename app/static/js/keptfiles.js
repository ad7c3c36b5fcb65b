// Photos and files of a draft: kept by the browser beside the words, where it can keep them at all.
const BASE = "gewu", STORE = "files";
const MOST_BYTES = 80 * 1024 * 1024;
let base;

function opened() {
  base ||= new Promise((done, failed) => {
    const asked = indexedDB.open(BASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return base;
}

async function inStore(mode, act) {
  try {
    const store = (await opened()).transaction(STORE, mode).objectStore(STORE);
    return await new Promise((done, failed) => {
      const asked = act(store);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } catch {
    return undefined; // Without a place to keep them the words are still kept.
  }
}

/** Keeps these files under a draft's name instead of those kept before; too many bytes are not kept. */
export function keepFiles(name, files) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return inStore("readwrite", (store) => (files.length && bytes <= MOST_BYTES ? store.put(files, name) : store.delete(name)));
}

export async function filesOf(name) {
  return (await inStore("readonly", (store) => store.get(name))) || [];
}

export function dropFiles(name) {
  return inStore("readwrite", (store) => store.delete(name));
}

/** Forgets the files of drafts that are not kept any more. */
export async function dropOthers(known) {
  const names = (await inStore("readonly", (store) => store.getAllKeys())) || [];
  names.filter((name) => !known.includes(name)).forEach(dropFiles);
}
