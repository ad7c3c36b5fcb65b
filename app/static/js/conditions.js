// The filter dialog: a line for each condition; only what is chosen and filled in is sent.
import { equip } from "./equip.js";

const CARRIED = "input[type=hidden]";

export function watchConditions(form) {
  const columns = form.querySelector("[data-add-condition]");
  columns.addEventListener("change", () => { if (columns.value) add(form, columns); });
  form.addEventListener("click", (event) => event.target.closest("[data-drop-condition]")?.closest(".s-condition").remove());
  form.addEventListener("change", (event) => { if (event.target.matches("[data-operator]")) showValue(event.target.closest(".s-condition")); });
  form.addEventListener("submit", (event) => { if (!send(form)) event.preventDefault(); });
}

function add(form, columns) {
  const column = columns.value;
  const line = form.querySelector(`template[data-condition="${CSS.escape(column)}"]`).content.firstElementChild.cloneNode(true);
  line.dataset.column = column;
  form.querySelector("[data-conditions]").append(line);
  if (columns.tomselect) columns.tomselect.clear(true);
  columns.value = "";
  equip(line.parentElement.lastElementChild);
  showValue(line);
  line.querySelector("[data-operator]").focus();
}

// An operator such as "is empty" asks for no value; an age asks for years and not for a day.
function showValue(line) {
  const operator = line.querySelector("[data-operator]").value;
  const own = [...line.querySelectorAll("[data-for]")].find((place) => place.dataset.for.split(" ").includes(operator));
  line.querySelectorAll("[data-value]").forEach((place) => {
    place.hidden = operator.includes("=") || (own ? place !== own : Boolean(place.dataset.for));
  });
}

function send(form) {
  const lines = [...form.querySelectorAll(".s-condition")];
  const waiting = lines.find((line) => needsValue(line));
  if (waiting) {
    waiting.querySelector("[data-value]:not([hidden]) .ts-control input, [data-value]:not([hidden]) input, [data-value]:not([hidden]) select")?.focus();
    waiting.classList.add("wrong");
    return false;
  }
  form.querySelectorAll("[data-fresh]").forEach((old) => old.remove());
  lines.forEach((line) => carry(form, line));
  return true;
}

function valuesOf(line) {
  const control = line.querySelector("[data-value]:not([hidden]) > select, [data-value]:not([hidden]) > input");
  if (!control) return [];
  return control.selectedOptions ? [...control.selectedOptions].map((option) => option.value).filter(Boolean) : [control.value.trim()].filter(Boolean);
}

function needsValue(line) {
  return !line.querySelector("[data-operator]").value.includes("=") && valuesOf(line).length === 0;
}

function carry(form, line) {
  const [ending, fixed] = line.querySelector("[data-operator]").value.split("=");
  const name = free(form, `f.${line.dataset.column}${ending}`);
  (fixed === undefined ? valuesOf(line) : [fixed]).forEach((value) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    input.dataset.fresh = name;
    form.append(input);
  });
}

// A second condition on a column narrows further, so it takes a number of its own.
function free(form, name) {
  const taken = new Set([...form.querySelectorAll(CARRIED)].map((input) => input.name));
  let found = name;
  for (let n = 2; taken.has(found); n += 1) found = `${name}~${n}`;
  return found;
}
