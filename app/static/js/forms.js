// Forms: drafts that survive a closed window, a warning before leaving, and checks while typing.
import { forget, kept, recall, remember } from "./keep.js";
import { make, say } from "./words.js";

const DRAFT_DAYS = 7;
const NEVER = "[type=hidden], [type=password], [type=file], [data-sensitive], .ts-control input";
const NOT_SAVED = ".s-f.wrong, .s-note.bad:not(.s-flash), .s-note.warn:not(.s-flash), .hint.bad";

export function watchForms() {
  forgetOldDrafts();
  clearSentDraft();
  document.querySelectorAll("form[data-draft]").forEach(watchDraft);
  document.querySelectorAll("form[data-unsaved]").forEach(warnBeforeLeaving);
  document.querySelectorAll("[data-phrases]").forEach(offerPhrases);
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-check]")) check(event.target);
    if (event.target.matches("[data-pick-for]")) takeDay(event.target);
  });
}

// The little calendar beside a date writes the day the way the office types it.
function takeDay(picker) {
  const input = document.getElementById(picker.dataset.pickFor);
  input.value = picker.value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// A click on a sentence the office uses often writes it at the end of the text.
function offerPhrases(row) {
  const text = document.querySelector(row.dataset.phrases);
  row.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    text.value = [text.value.trimEnd(), button.textContent].filter(Boolean).join("\n");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}

function draftName(key) {
  return `draft.${document.body.dataset.user || ""}.${key}`;
}

function forgetOldDrafts() {
  const oldest = Date.now() - DRAFT_DAYS * 86400000;
  kept("draft.").forEach((name) => {
    if ((recall(name)?.at || 0) < oldest) forget(name);
  });
}

// A form that was sent and did not come back with complaints was saved.
function clearSentDraft() {
  const sent = sessionStorage.getItem("gewu.sent");
  sessionStorage.removeItem("gewu.sent");
  if (sent && !document.querySelector(NOT_SAVED)) forget(sent);
}

function watchDraft(form) {
  const name = draftName(form.dataset.draft);
  const state = form.querySelector("[data-draft-state]");
  let changed = Boolean(document.querySelector(NOT_SAVED));
  let timer = 0;
  offerDraft(form, name);
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(() => keepDraft(form, name, state), 600);
  });
  form.addEventListener("submit", () => {
    changed = false;
    clearTimeout(timer);
    keepDraft(form, name, state);
    sessionStorage.setItem("gewu.sent", name);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

// What was typed here is kept by the server alone: leaving without sending it is asked about.
function warnBeforeLeaving(form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("change", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

function keepDraft(form, name, state) {
  remember(name, { at: Date.now(), version: form.elements.version?.value, values: values(form) });
  if (state) state.textContent = say("draftKept", { time: clock(Date.now()) });
}

function clock(moment) {
  return new Date(moment).toTimeString().slice(0, 5);
}

function inputs(form) {
  return [...form.elements].filter((input) => input.name && !input.matches(NEVER) && input.type !== "submit" && input.tagName !== "FIELDSET" && input.tagName !== "BUTTON");
}

function values(form) {
  return inputs(form).map((input) => [input.name, written(input)]);
}

function written(input) {
  if (input.type === "checkbox" || input.type === "radio") return input.checked;
  if (input.tagName === "SELECT") return [...input.selectedOptions].map((option) => [option.value, option.text]);
  return input.value;
}

function offerDraft(form, name) {
  const draft = recall(name);
  if (!draft) return;
  if (JSON.stringify(draft.values) === JSON.stringify(values(form))) return;
  if (draft.version !== form.elements.version?.value) {
    forget(name);
    return;
  }
  const note = make("div", { class: "s-note", role: "status" });
  const buttons = make("div", { class: "s-acts" });
  const put = make("button", { type: "button", class: "btn btn-primary" }, say("restore"));
  const drop = make("button", { type: "button", class: "btn btn-default" }, say("discard"));
  put.addEventListener("click", () => { restore(form, draft.values); note.remove(); });
  drop.addEventListener("click", () => { forget(name); note.remove(); });
  buttons.append(put, drop);
  note.append(make("p", {}, say("draftFound", { time: new Date(draft.at).toLocaleString(document.documentElement.lang) })), buttons);
  form.before(note);
}

function restore(form, pairs) {
  const places = inputs(form);
  const left = [...pairs];
  places.forEach((input) => {
    const at = left.findIndex(([name]) => name === input.name);
    if (at >= 0) write(input, left.splice(at, 1)[0][1]);
  });
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function write(input, value) {
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

async function check(input) {
  if (!input.value.trim()) return hint(input, "", "");
  const address = new URL(input.dataset.check, window.location.href);
  address.searchParams.set("value", input.value);
  let answer;
  try {
    const response = await fetch(address);
    if (!response.ok) return undefined;
    answer = await response.json();
  } catch {
    return undefined;
  }
  fillEmpty(input.form, answer.fill || {});
  return hint(input, answer.ok ? "ok" : "bad", answer.message, answer.matches);
}

function fillEmpty(form, found) {
  Object.entries(found).forEach(([name, value]) => {
    const other = form.elements[name];
    if (other && !other.value) write(other, other.tagName === "SELECT" ? [[value, value]] : value);
  });
}

function hint(input, kind, message, matches = []) {
  input.parentElement.querySelector("[data-check-hint]")?.remove();
  if (!message) return;
  const line = make("p", { class: `hint ${kind}`, "data-check-hint": "", role: "status" }, message);
  matches.forEach((match) => line.append(" ", make("a", { href: match.url, target: "_blank", rel: "noopener" }, match.text)));
  input.after(line);
}
