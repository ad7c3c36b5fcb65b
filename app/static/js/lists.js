// Lists: the side sheet of a row, choosing rows, choosing columns.
import { watchConditions } from "./conditions.js";
import { equip } from "./equip.js";
import { recall, remember } from "./keep.js";
import { fill, make, say } from "./words.js";

const OWN_MEANING = "a, button, input, select, textarea, label, summary, dialog, form";

export function watchLists() {
  document.body.classList.toggle("dense", recall("dense") === true);
  document.querySelectorAll(".s-pick").forEach(equipColumns);
  document.querySelectorAll("form[data-filter]").forEach(watchConditions);
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  countChosen();
  keepPlace();
}

// The way back to a list leads to the list as one left it: same filter, columns and page.
function keepPlace() {
  const list = window.location.pathname;
  if (list.endsWith("/list/")) keepFor(list, window.location.search);
  document.querySelectorAll("[data-list-link]").forEach((link) => { link.search = keptFor(link.pathname); });
}

function keepFor(list, search) {
  try {
    sessionStorage.setItem(`gewu.list.${list}`, search);
  } catch {
    // A browser that refuses storage leads back to the whole list.
  }
}

function keptFor(list) {
  try {
    return sessionStorage.getItem(`gewu.list.${list}`) || "";
  } catch {
    return "";
  }
}

function onClick(event) {
  chooseRange(event);
  if (event.target.closest("[data-density]")) {
    remember("dense", document.body.classList.toggle("dense"));
    return;
  }
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest(OWN_MEANING) || String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else openSheet(row);
}

/** Shows a row's record beside the list; when that cannot be, goes to its page. */
export async function openSheet(row) {
  const sheet = document.getElementById("side-sheet");
  const address = new URL(row.dataset.href, window.location.href);
  document.querySelectorAll("tr.at").forEach((other) => other.classList.remove("at"));
  row.classList.add("at");
  try {
    const response = await fetch(`${address}?sheet=1`);
    if (!response.ok || response.redirected) throw new Error(response.statusText);
    show(sheet, await response.text());
  } catch {
    window.location.href = address;
  }
}

function show(sheet, markup) {
  const body = sheet.querySelector("[data-sheet]");
  body.innerHTML = markup;
  equip(body);
  keepPlace();
  if (!sheet.open) sheet.show();
  sheet.scrollTop = 0;
}

function onChange(event) {
  if (event.target.matches("[data-check-all]")) {
    event.target.closest("table, form").querySelectorAll("[data-check-row]").forEach((box) => {
      box.checked = event.target.checked;
    });
  }
  if (event.target.matches("[data-check-all], [data-check-row], [data-check-every]")) countChosen();
  if (event.target.matches("[data-send]") && event.target.value) event.target.form.requestSubmit();
  if (event.target.matches("[data-col]")) writeColumns(event.target.closest("form"));
}

let lastBox = null;

// Shift and a click choose the rows between two boxes.
function chooseRange(event) {
  const box = event.target.closest("[data-check-row]");
  if (!box) return;
  const boxes = [...document.querySelectorAll("[data-check-row]")];
  if (event.shiftKey && lastBox) {
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    countChosen();
  }
  lastBox = box;
}

function countChosen() {
  const every = document.querySelector("[data-check-every]:checked");
  const count = every ? 1 : document.querySelectorAll("[data-check-row]:checked").length;
  const bar = document.getElementById("bulk");
  if (bar) bar.classList.toggle("on", count > 0);
  document.querySelectorAll("[data-needs-checked]").forEach((button) => { button.disabled = count === 0; });
  document.querySelectorAll("[data-checked-count]").forEach((place) => {
    place.textContent = count && !every ? fill(place.dataset.text || say("chosen"), { n: count }) : "";
  });
}

function equipColumns(list) {
  sortChosenFirst(list);
  list.querySelectorAll("li").forEach((item) => {
    item.append(mover(item, "up", "\u2191"), mover(item, "down", "\u2193"));
  });
}

function sortChosenFirst(list) {
  const now = list.closest("form").querySelector("[data-cols]").value.split(",");
  const place = (item) => (now.indexOf(item.querySelector("[data-col]").dataset.col) + 1) || 999;
  [...list.children].sort((a, b) => place(a) - place(b)).forEach((item) => list.append(item));
}

function mover(item, way, sign) {
  const button = make("button", { type: "button", "aria-label": say(way) }, sign);
  button.addEventListener("click", () => {
    if (way === "up" && item.previousElementSibling) item.previousElementSibling.before(item);
    if (way === "down" && item.nextElementSibling) item.nextElementSibling.after(item);
    writeColumns(item.closest("form"));
    button.focus();
  });
  return button;
}

function writeColumns(form) {
  const names = [...form.querySelectorAll("[data-col]:checked")].map((box) => box.dataset.col);
  form.querySelector("[data-cols]").value = names.join(",");
}
