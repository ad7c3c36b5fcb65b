// Forms: sent once however often one taps, a warning before leaving, and checks while typing.
import { watchDrafts, write } from "./drafts.js";
import { make, say } from "./words.js";

const SENDING = 8000; // milliseconds after which somebody whose line hangs may try again

export function watchForms() {
  watchDrafts();
  document.addEventListener("submit", sendOnce, true);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  document.querySelectorAll("form[data-unsaved]").forEach(warnBeforeLeaving);
  document.querySelectorAll("[data-phrases]").forEach(offerPhrases);
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-check]")) check(event.target);
    if (event.target.matches("[data-pick-for]")) takeDay(event.target);
  });
}

// A second tap while the first is on its way changes nothing; the server takes a form's key once in any case.
function sendOnce(event) {
  const form = event.target;
  if (!form.elements.form_key) return;
  if (Date.now() - Number(form.dataset.sent || 0) < SENDING) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = Date.now();
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
