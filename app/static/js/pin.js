// A pin on the map of the grids: put by a tap, by where the device is, or typed; the grid it lies in is named and filled in.
/* global L */
import { write } from "./drafts.js";
import { emptyGround } from "./maps.js";
import { make, say } from "./words.js";

const DIGITS = 6, CLOSE = 17, SIZE = 44;
const NAMED = 15, LABEL = { permanent: true, direction: "center", className: "s-area-name" };
const LOOK = { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 };
const MARK = '<svg viewBox="0 0 24 24" width="44" height="44"><path fill="#c23b2b" stroke="#fff" stroke-width="1.2" '
  + 'd="M12 23s-8-7.5-8-13a8 8 0 0 1 16 0c0 5.500-8 13-8 13z"/><circle cx="12" cy="10" r="3" fill="#fff"/></svg>';

export function watchPins() {
  document.querySelectorAll("[data-pin]").forEach((place) => new Pin(place));
}

class Pin {
  constructor(place) {
    const form = place.closest("form"), { longitude, latitude, grid } = place.dataset;
    Object.assign(this, { place, form, east: form.elements[longitude], north: form.elements[latitude], grid: form.elements[grid] });
    place.hidden = false;
    form.classList.add("pinned");
    this.part("[data-here]").hidden = !(window.isSecureContext && navigator.geolocation);
    this.part("[data-here]").addEventListener("click", () => this.find());
    this.part("[data-unpin]").addEventListener("click", () => this.put(null));
    form.addEventListener("input", () => this.follow());
    this.grid.addEventListener("change", () => this.look());
    const near = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      near.disconnect();
      this.draw();
    }, { rootMargin: "200px" });
    near.observe(place);
  }

  part(selector) {
    return this.place.querySelector(selector);
  }

  get point() {
    const [east, north] = [this.east.value, this.north.value].map((text) => (text.trim() ? Number(text) : NaN));
    return Number.isFinite(east) && Number.isFinite(north) ? [north, east] : null;
  }

  async draw() {
    const ground = this.part("[data-pin-map]");
    try {
      const [answer] = await Promise.all([fetch(this.place.dataset.pin), leaflet(this.place.dataset.leaflet)]);
      this.areas = (await answer.json()).features;
    } catch {
      this.areas = [];
    }
    ground.hidden = !this.areas.length;
    if (ground.hidden) {
      this.place.hidden = this.part("[data-here]").hidden; // Nothing to tap on and nobody to ask: the figures are typed.
      this.form.classList.toggle("pinned", !this.place.hidden);
      this.tell("");
      return;
    }
    const coarse = window.matchMedia("(pointer: coarse)").matches; // One finger scrolls the page, two move the map.
    this.map = emptyGround(ground, { dragging: !coarse });
    this.layer = L.geoJSON({ type: "FeatureCollection", features: this.areas }, {
      style: { fillColor: "#e4eef5", fillOpacity: 1, color: "#1d5f8a", weight: 1.5, dashArray: "6 4" },
      onEachFeature: (area, layer) => layer.bindTooltip(() => document.createTextNode(area.properties.name), LABEL),
    }).addTo(this.map);
    this.map.on("zoomend", () => ground.classList.toggle("named", this.map.getZoom() >= NAMED));
    this.map.on("click", ({ latlng }) => this.put([latlng.lat, latlng.lng]));
    new ResizeObserver(() => this.map.invalidateSize()).observe(ground);
    this.look();
    this.follow();
  }

  // The grid that is chosen is marked, and what one sees until there is a pin.
  look() {
    if (!this.map) return;
    const its = ({ feature }) => Boolean(this.grid.value) && feature.properties.code.startsWith(this.grid.value);
    const chosen = L.featureGroup(this.layer.getLayers().filter(its));
    this.layer.eachLayer((layer) => layer.setStyle({ fillColor: its(layer) ? "#c9dfee" : "#e4eef5" }));
    if (!this.marker) this.map.fitBounds((chosen.getLayers().length ? chosen : this.layer).getBounds(), { padding: [8, 8] });
  }

  // What is typed, or came back with a draft, moves the pin.
  follow() {
    const point = this.point;
    this.part("[data-unpin]").hidden = !point;
    if (!this.map) return;
    if (!point) {
      this.marker?.remove();
      this.marker = null;
    } else if (this.marker) this.marker.setLatLng(point);
    else this.stand(point);
  }

  stand(point) {
    const icon = L.divIcon({ className: "s-pin-mark", html: MARK, iconSize: [SIZE, SIZE], iconAnchor: [SIZE / 2, SIZE] });
    this.marker = L.marker(point, { icon, draggable: true, title: say("pin"), alt: say("pin") }).addTo(this.map);
    this.marker.on("dragend", () => this.put([this.marker.getLatLng().lat, this.marker.getLatLng().lng]));
    this.map.setView(point, Math.max(this.map.getZoom(), Math.min(CLOSE, this.map.getBoundsZoom(this.layer.getBounds()) + 2)));
  }

  find() {
    this.tell(say("pinLooking"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.put([coords.latitude, coords.longitude], say("pinAbout", { n: Math.round(coords.accuracy) })),
      ({ code }) => this.tell(say(code === 1 ? "pinForbidden" : "pinNotFound")),
      LOOK,
    );
  }

  put(point, told = "") {
    this.north.value = point ? point[0].toFixed(DIGITS) : "";
    this.east.value = point ? point[1].toFixed(DIGITS) : "";
    this.east.dispatchEvent(new Event("input", { bubbles: true }));
    if (!point) this.tell("");
    else this.name(this.areas?.find(({ geometry }) => inside(geometry, point))?.properties, told);
  }

  // The grid of the pin is filled in where none, or only its community, was chosen; another choice is asked about.
  name(area, told) {
    if (!area) return this.tell(say("pinOutside"), told);
    const chosen = this.grid.value;
    if (!area.code.startsWith(this.place.dataset.node)) return this.tell(say("pinNotYours", area), told);
    if (chosen.startsWith(area.code)) return this.tell(say("pinIn", area), told);
    if (!area.code.startsWith(chosen)) return this.tell(say("pinElsewhere", area), told, area);
    this.take(area);
    return this.tell(say("pinIn", area), told);
  }

  take({ code, name }) {
    if (!this.grid.tomselect && ![...this.grid.options].some((option) => option.value === code)) {
      const option = make("option", { value: code }, name);
      this.grid.append(option);
    }
    write(this.grid, [[code, name]]);
    this.grid.dispatchEvent(new Event("input", { bubbles: true }));
    this.grid.dispatchEvent(new Event("change", { bubbles: true }));
  }

  tell(words, more = "", area = null) {
    const line = this.part("[data-pin-told]");
    line.textContent = [words, more].filter(Boolean).join(" ");
    if (!area) return;
    const button = make("button", { type: "button", class: "btn btn-default" }, say("pinTake", area));
    button.addEventListener("click", () => { this.take(area); this.tell(say("pinIn", area)); });
    line.append(" ", button);
  }
}

let loading;

/** Leaflet, loaded when the first map comes into sight. */
function leaflet(address) {
  loading ||= new Promise((done, failed) => {
    if (typeof L !== "undefined") return done();
    document.head.append(make("link", { rel: "stylesheet", href: `${address}.css` }));
    const script = make("script", { src: `${address}.js` });
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    return document.head.append(script);
  });
  return loading;
}

/** Whether a point lies in a polygon, or in one of several: a ray leaves it an odd number of times. */
function inside({ type, coordinates }, [north, east]) {
  return (type === "Polygon" ? [coordinates] : coordinates).some((rings) => rings.reduce((odd, ring) => odd !== crossed(ring, east, north), false));
}

function crossed(ring, east, north) {
  let odd = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here, here += 1) {
    const [x, y] = ring[here], [u, v] = ring[before];
    if (y > north !== v > north && east < ((u - x) * (north - y)) / (v - y) + x) odd = !odd;
  }
  return odd;
}
