// Selects one can type into: options from the server, several values, or a long list.
/* global TomSelect */
import { make, say } from "./words.js";

const LONG = 12;

export function equipSelects(part) {
  part.querySelectorAll("select[data-remote]").forEach(remote);
  part.querySelectorAll("select[multiple][data-multi], select.my_select2[multiple]").forEach(several);
  part.querySelectorAll(".s-form select:not([multiple], [data-remote]), .s-dialog select:not([multiple], [data-remote])").forEach((select) => {
    if (select.options.length > LONG) single(select);
  });
}

function common(select, more) {
  return tellUnchosen(new TomSelect(select, {
    maxOptions: 300,
    hideSelected: false,
    copyClassesToDropdown: false,
    render: RENDER,
    ...more,
  }));
}

// Words typed and left without choosing are no value: the old one stays, and that is said.
function tellUnchosen(control) {
  let typed = "";
  control.on("type", (text) => { typed = text.trim(); });
  control.on("item_add", () => { typed = ""; });
  control.on("focus", () => { control.wrapper.parentElement.querySelector("[data-unchosen]")?.remove(); });
  control.on("blur", () => {
    if (typed) control.wrapper.after(make("p", { class: "hint bad", role: "alert", "data-unchosen": "" }, say("notChosen", { typed })));
    typed = "";
  });
  return control;
}

function twoLines(option) {
  const line = make("div", {}, option.text);
  if (option.note) line.append(make("small", {}, option.note));
  return line;
}

function oneLine(option) {
  return make("div", {}, option.text);
}

const RENDER = {
  option: twoLines,
  item: oneLine,
  no_results: () => make("div", { class: "no-results" }, say("noResults")),
  loading: () => make("div", { class: "spinner-words" }, say("loading")),
};

function single(select) {
  common(select, { allowEmptyOption: true });
}

function several(select) {
  common(select, { plugins: { remove_button: { title: say("clear") } } });
}

// The server matches and ranks: only what it sent for the words as they stand is offered, the best match ready for Enter.
function remote(select) {
  const form = select.form, found = { typed: "", ids: [] };
  const depends = (select.dataset.depends || "").split(" ").filter(Boolean);
  const control = common(select, {
    valueField: "id",
    labelField: "text",
    searchField: [],
    plugins: { clear_button: { title: say("clear") } },
    placeholder: say("typeMore"),
    ...created(select.dataset.create),
    ...(select.closest(".s-lines") ? { dropdownParent: "body" } : {}),
    preload: "focus",
    shouldLoad: () => true,
    score: (typed) => (option) => (typed === found.typed ? rank(found.ids, option) : 0),
    load: (typed, done) => fetchOptions(select, form, depends, typed).then((options) => {
      Object.assign(found, { typed, ids: options.map(({ id }) => String(id)) });
      control.clearOptions();
      done(options);
      if (typed && options.length) control.setActiveOption(control.getOption(options[0].id));
    }),
  });
  enterInTime(control, found);
  depends.forEach((name) => form?.elements[name]?.addEventListener("change", () => { control.clearOptions(); control.loadedSearches = {}; }));
}

// Words the server does not know may be taken as they are, where the select says what they mean then.
function created(note) {
  if (!note) return {};
  const line = ({ input }) => {
    const option = twoLines({ text: input, note });
    option.classList.add("create");
    return option;
  };
  return { create: true, persist: false, render: { ...RENDER, option_create: line } };
}

function rank(ids, option) {
  const place = ids.indexOf(String(option.id));
  return place < 0 ? 0 : 1 / (place + 1);
}

// Who presses Enter before the server answered means its answer: taken when there is just one, else the list is open.
function enterInTime(control, found) {
  let waiting = "";
  control.control_input.addEventListener("keydown", (event) => {
    const typed = control.inputValue();
    if (event.key !== "Enter" || event.isComposing || !typed || typed === found.typed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = typed;
  }, true);
  control.on("load", () => {
    if (waiting && waiting === found.typed && found.ids.length === 1) control.addItem(found.ids[0]);
    if (waiting === found.typed) waiting = "";
  });
}

async function fetchOptions(select, form, depends, typed) {
  const address = new URL(select.dataset.remote, window.location.href);
  address.searchParams.set("q", typed);
  depends.forEach((name) => {
    const value = form?.elements[name]?.value;
    if (value) address.searchParams.set(name, value);
  });
  try {
    const response = await fetch(address);
    return response.ok ? (await response.json()).results : [];
  } catch {
    return [];
  }
}
