// What the scripts say: the JSON block the server wrote in the user's language.
const block = document.getElementById("words");
const words = block ? JSON.parse(block.textContent) : {};

/** The sentence of this name with {n}, {time} … filled in. */
export function say(name, values = {}) {
  return fill(words[name] || "", values);
}

/** A sentence with its {names} filled in. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
}

/** An element with text and attributes, never with markup from data. */
export function make(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.textContent = text;
  return element;
}
