// What is typed in a form stays in the browser until the server says that it is saved.
//
// A draft is kept under its account, its form and the one-time key of that form, so two tabs have two drafts.
// What is sensitive (ID numbers, phones) is kept for this tab alone and goes with it.
import { forget, kept, recall, remember } from "./keep.js";
import { dropFiles, dropOthers, filesOf, keepFiles } from "./keptfiles.js";
import { make, say } from "./words.js";

const HOUR = 3600000, WEEK = 168, PAUSE = 600, HEARD_AFTER = 150, OFFERED = 3;
const TAB = "sessionStorage";
const NEVER = "[type=hidden], [type=password], [type=file], [type=submit], button, fieldset";
const SENSITIVE = "[data-sensitive]";
export const NOT_SAVED = ".s-f.wrong, .s-note.bad:not(.s-flash), .s-note.warn:not(.s-flash), .hint.bad";

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("gewu.drafts") : null;

export function watchDrafts() {
  const forms = [...document.querySelectorAll("form[data-draft]")].filter((form) => form.elements.form_key);
  dropSaved((document.body.dataset.saved || "").split(" ").filter(Boolean));
  dropOld();
  answerOtherTabs(forms);
  forms.forEach(watch);
}

const keyIn = (name) => name.slice(name.lastIndexOf("#") + 1);
const beginning = (form) => `draft.${document.body.dataset.user || ""}.${form.dataset.draft}#`;
const nameOf = (form) => beginning(form) + form.elements.form_key.value;
const fileInputs = (form) => [...form.querySelectorAll("input[type=file][name]")];

function dropSaved(keys) {
  kept("draft.").filter((name) => keys.includes(keyIn(name))).forEach(drop);
}

function dropOld() {
  kept("draft.").filter((name) => !(recall(name)?.until > Date.now())).forEach(drop);
  const own = `draft.${document.body.dataset.user || ""}.`;
  kept("draft.", TAB).filter((name) => document.body.dataset.user && !name.startsWith(own)).forEach((name) => forget(name, TAB));
  dropOthers(kept("draft."));
}

function drop(name) {
  forget(name);
  forget(name, TAB);
  dropFiles(name);
}

function watch(form) {
  const state = form.querySelector("[data-draft-state]");
  let changed = Boolean(document.querySelector(NOT_SAVED));
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    keepDraft(form, state);
  };
  const soon = (event) => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
    if (event.target.type === "file") keepFiles(nameOf(form), fileInputs(form).flatMap((input) => [...input.files]));
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => { changed = false; keep(); });
  window.addEventListener("pagehide", () => { if (timer) keep(); });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  giveFilesBack(form, nameOf(form));
  offerDrafts(form);
}

function keepDraft(form, state) {
  const all = inputs(form), now = Date.now(), open = (input) => !input.matches(SENSITIVE);
  const hours = Number(form.dataset.draftHours) || WEEK;
  const told = remember(nameOf(form), {
    at: now, until: now + hours * HOUR, version: form.elements.version?.value, values: values(all.filter(open)),
    sensitive: all.some((input) => !open(input) && input.value), files: fileInputs(form).some((input) => input.files.length),
  });
  remember(nameOf(form), { values: values(all.filter((input) => !open(input))) }, TAB);
  if (state) state.textContent = told ? say("draftKept", { time: new Date(now).toTimeString().slice(0, 5) }) : say("draftNotKept");
}

function inputs(form) {
  return [...form.elements].filter((input) => input.name && !input.matches(NEVER));
}

function values(list) {
  return list.map((input) => [input.name, written(input)]);
}

function written(input) {
  if (input.type === "checkbox" || input.type === "radio") return input.checked;
  if (input.tagName === "SELECT") return [...input.selectedOptions].map((option) => [option.value, option.text]);
  return input.value;
}

// Every tab says which drafts are being typed in it; those are offered nowhere else.
function answerOtherTabs(forms) {
  tabs?.addEventListener("message", ({ data }) => {
    if (data.asked) forms.forEach((form) => tabs.postMessage({ typed: nameOf(form) }));
  });
}

function typedElsewhere() {
  if (!tabs) return Promise.resolve(new Set());
  const found = new Set(), hear = ({ data }) => { if (data.typed) found.add(data.typed); };
  tabs.addEventListener("message", hear);
  tabs.postMessage({ asked: true });
  return new Promise((done) => {
    setTimeout(() => { tabs.removeEventListener("message", hear); done(found); }, HEARD_AFTER);
  });
}

async function offerDrafts(form) {
  const elsewhere = await typedElsewhere();
  kept(beginning(form))
    .filter((name) => name !== nameOf(form) && !elsewhere.has(name))
    .map((name) => ({ ...recall(name), name }))
    .filter((draft) => draft.values && differs(form, draft))
    .sort((one, other) => other.at - one.at)
    .slice(0, OFFERED)
    .forEach((draft) => offer(form, draft));
}

function differs(form, draft) {
  const open = inputs(form).filter((input) => !input.matches(SENSITIVE));
  return draft.files || draft.sensitive || JSON.stringify(draft.values) !== JSON.stringify(values(open));
}

function offer(form, draft) {
  const note = make("div", { class: "s-note", role: "status", "data-draft-offer": "" });
  const buttons = make("div", { class: "s-acts" });
  const put = make("button", { type: "button", class: "btn btn-primary" }, say("restore"));
  const away = make("button", { type: "button", class: "btn btn-default" }, say("discard"));
  put.addEventListener("click", () => { note.remove(); restore(form, draft); });
  away.addEventListener("click", () => { note.remove(); drop(draft.name); });
  buttons.append(put, away);
  note.append(make("p", {}, say("draftFound", { time: new Date(draft.at).toLocaleString(document.documentElement.lang) })));
  if (draft.version !== form.elements.version?.value) note.append(make("p", {}, say("draftOlder")));
  if (draft.sensitive && !recall(draft.name, TAB)) note.append(make("p", {}, say("draftWithout")));
  note.append(buttons);
  form.before(note);
}

// The draft goes on under its own key: if it was saved after all, saving again leads to what it made.
async function restore(form, draft) {
  const left = [...draft.values, ...(recall(draft.name, TAB)?.values || [])];
  inputs(form).forEach((input) => {
    const at = left.findIndex(([name]) => name === input.name);
    if (at >= 0) write(input, left.splice(at, 1)[0][1]);
  });
  form.elements.form_key.value = keyIn(draft.name);
  if (draft.version !== undefined && form.elements.version) form.elements.version.value = draft.version;
  await giveFilesBack(form, draft.name);
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

async function giveFilesBack(form, name) {
  const [input] = fileInputs(form), files = input ? await filesOf(name) : [];
  if (!files.length || input.files.length) return;
  const held = new DataTransfer();
  files.forEach((file) => held.items.add(file));
  input.files = held.files;
  input.dispatchEvent(new Event("filesback"));
  document.querySelectorAll("[data-choose-again]").forEach((hint) => hint.remove());
}

/** Writes a value into an input as a person would have. */
export function write(input, value) {
  if (input.type === "checkbox" || input.type === "radio") input.checked = value;
  else if (input.tagName === "SELECT") choose(input, value);
  else input.value = value;
}

function choose(select, pairs) {
  if (select.tomselect) {
    pairs.forEach(([id, text]) => select.tomselect.addOption({ id, value: id, text }));
    select.tomselect.setValue(pairs.map(([id]) => id), true);
    return;
  }
  [...select.options].forEach((option) => { option.selected = pairs.some(([id]) => id === option.value); });
}
