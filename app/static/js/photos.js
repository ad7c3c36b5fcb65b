// Photos and files of a form: taken or chosen one after the other, seen before they go, made small on this device.
import { make, say } from "./words.js";

const SIDE = 1600, QUALITY = 0.85, SMALL = 600 * 1024, MEGABYTE = 1024 * 1024;
const working = new WeakMap();

export function watchPhotos() {
  document.querySelectorAll("[data-shots]").forEach(watch);
  window.addEventListener("submit", waitForPhotos, true);
}

// Whoever sends while a photo is still made small sends it all the same, a moment later.
function waitForPhotos(event) {
  const work = working.get(event.target);
  if (!work) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  work.then(() => event.target.requestSubmit(event.submitter));
}

function watch(place) {
  const input = place.querySelector("input[name]"), camera = place.querySelector("[data-camera]");
  let files = [...input.files], own = false;
  const put = (list) => {
    files = list;
    input.files = heldBy(files);
    show(place, files, (gone) => put(files.filter((file) => file !== gone)));
    own = true; // This change goes on to the draft; it is no choice of a person.
    input.dispatchEvent(new Event("change", { bubbles: true }));
    own = false;
  };
  const add = async (chosen) => {
    tell(place, "");
    for (const file of chosen.filter((one) => !files.some((known) => same(one, known)))) {
      const small = await shrunk(file);
      if (fits(place, small, files.length)) put([...files, small]);
    }
  };
  [input, camera].forEach((from) => {
    from.addEventListener("input", (event) => event.stopPropagation());
    from.addEventListener("change", (event) => {
      if (own) return;
      event.stopPropagation();
      const chosen = [...from.files];
      if (from === camera) from.value = "";
      else from.files = heldBy(files);
      wait(input.form, add(chosen));
    });
  });
  input.addEventListener("filesback", () => put([...input.files]));
  place.querySelector("[data-take]").addEventListener("click", () => camera.click());
  place.querySelector("[data-choose]").addEventListener("click", () => input.click());
  place.classList.add("on");
  if (files.length) put(files);
}

function heldBy(files) {
  const held = new DataTransfer();
  files.forEach((file) => held.items.add(file));
  return held.files;
}

function wait(form, work) {
  const all = Promise.all([working.get(form), work]).finally(() => {
    if (working.get(form) === all) working.delete(form);
  });
  working.set(form, all);
}

const same = (one, other) => one.name === other.name && one.lastModified === other.lastModified;

// What the server would refuse after a long way is refused here.
function fits(place, file, count) {
  const { most, largest, largestVideo } = place.dataset;
  if (most && count >= Number(most)) return tell(place, say("photosMost", { n: most }));
  const megabytes = Number(file.type.startsWith("video/") ? largestVideo : largest);
  if (megabytes && file.size > megabytes * MEGABYTE) return tell(place, say("fileLarge", { name: file.name, n: megabytes }));
  return true;
}

function tell(place, words) {
  place.querySelector("[data-shots-told]").textContent = words;
  return false;
}

/** A picture of at most SIDE pixels; what this browser cannot draw stays as it is, and the server looks at it. */
async function shrunk(file) {
  if (!file.type.startsWith("image/")) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const blob = scale < 1 || file.size > SMALL ? await drawn(picture, scale) : null;
  picture.close();
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: blob.type, lastModified: file.lastModified });
}

function drawn(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
}

function show(place, files, away) {
  const list = place.querySelector("[data-shown]");
  list.replaceChildren(...files.map((file) => {
    const item = make("li", { class: "s-shot" });
    const button = make("button", { type: "button", "aria-label": say("fileAway", { name: file.name }) });
    button.append(make("i", { class: "fa fa-xmark", "aria-hidden": "true" }));
    button.addEventListener("click", () => {
      away(file);
      (list.querySelector("button") || place.querySelector("[data-choose]")).focus();
    });
    item.append(seen(file), button);
    return item;
  }));
}

function seen(file) {
  const name = () => make("span", {}, file.name);
  if (!file.type.startsWith("image/")) return name();
  const image = make("img", { alt: file.name, src: URL.createObjectURL(file) });
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  image.addEventListener("error", () => image.replaceWith(name()));
  return image;
}
