// The keyboard: / j k Enter e n ? and Ctrl+S. Never while somebody is typing.
import { openSheet } from "./lists.js";

const PLAIN = {
  "/": () => focusOn("[data-search]") || focusOn("[data-search-all]"),
  j: () => step(1),
  k: () => step(-1),
  e: () => press("e"),
  n: () => press("n"),
  "?": () => document.getElementById("keys")?.showModal(),
};

export function watchKeys() {
  document.addEventListener("keydown", onKey);
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    if (press("s")) event.preventDefault();
    return;
  }
  if (event.key === "Escape") closeSheet();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog.s-dialog[open]")) return;
  if (event.key === "Enter" && event.target === document.body) openRow(event);
  if (PLAIN[event.key] && PLAIN[event.key]() !== false) event.preventDefault();
}

function typing(element) {
  return element.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

function focusOn(selector) {
  const input = document.querySelector(selector);
  input?.focus();
  input?.select();
  return Boolean(input);
}

function press(name) {
  const sheet = document.querySelector("#side-sheet[open]");
  const target = sheet?.querySelector(`[data-key="${name}"]`) || document.querySelector(`main [data-key="${name}"]`);
  target?.click();
  return Boolean(target);
}

function step(by) {
  const rows = [...document.querySelectorAll("tr[data-href]")];
  if (!rows.length) return false;
  const now = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, now + by))];
  rows[now]?.classList.remove("at");
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  if (document.querySelector("#side-sheet[open]")) openSheet(next);
  return true;
}

function openRow(event) {
  const row = document.querySelector("tr.at");
  if (!row) return;
  event.preventDefault();
  openSheet(row);
}

function closeSheet() {
  if (!document.querySelector("dialog.s-dialog[open]")) document.querySelector("#side-sheet[open]")?.close();
}
