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
  return new TomSelect(select, {
    maxOptions: 300,
    hideSelected: false,
    copyClassesToDropdown: false,
    render: { option: twoLines, item: oneLine, no_results: () => make("div", { class: "no-results" }, say("noResults")), loading: () => make("div", { class: "spinner-words" }, say("loading")) },
    ...more,
  });
}

function twoLines(option) {
  const line = make("div", {}, option.text);
  if (option.note) line.append(make("small", {}, option.note));
  return line;
}

function oneLine(option) {
  return make("div", {}, option.text);
}

function single(select) {
  common(select, { allowEmptyOption: true });
}

function several(select) {
  common(select, { plugins: { remove_button: { title: say("clear") } } });
}

function remote(select) {
  const form = select.form;
  const depends = (select.dataset.depends || "").split(" ").filter(Boolean);
  const control = common(select, {
    valueField: "id",
    labelField: "text",
    searchField: [],
    plugins: { clear_button: { title: say("clear") } },
    placeholder: say("typeMore"),
    preload: "focus",
    shouldLoad: () => true,
    load: (typed, done) => fetchOptions(select, form, depends, typed).then((options) => replace(control, options, done)),
  });
  depends.forEach((name) => form?.elements[name]?.addEventListener("change", () => { control.clearOptions(); control.loadedSearches = {}; }));
}

// The server already matched and ranked; what it did not send must not be offered.
function replace(control, options, done) {
  control.clearOptions();
  done(options);
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
