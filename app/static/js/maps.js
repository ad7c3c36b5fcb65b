// Grids as areas on an empty ground: no tiles, so nothing is asked of the internet.
/* global L */
import { say } from "./words.js";

const STEPS = ["#e8eef2", "#f6dcc4", "#eab98c", "#d98a56", "#b8532e"];

export function drawMaps(part) {
  part.querySelectorAll("[data-map]").forEach((place) => {
    if (typeof L !== "undefined") draw(place);
  });
}

/** A map with nothing on it. */
export function emptyGround(place, options = {}) {
  const map = L.map(place, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false, ...options });
  L.control.zoom({ zoomInTitle: say("zoomIn"), zoomOutTitle: say("zoomOut") }).addTo(map);
  return map;
}

function draw(place) {
  const areas = JSON.parse(place.querySelector("script").textContent);
  const most = Math.max(5, ...areas.features.map((area) => area.properties.value || 0));
  const map = emptyGround(place);
  const layer = L.geoJSON(areas, {
    style: (area) => ({ fillColor: STEPS[stepOf(area.properties, most)], fillOpacity: 1, color: "#8b99a7", weight: 1 }),
    pointToLayer: (area, at) => L.circleMarker(at, { radius: 7 }),
    onEachFeature: label,
  }).addTo(map);
  if (areas.features.length) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
  new ResizeObserver(() => map.invalidateSize()).observe(place);
}

function stepOf({ level, value = 0 }, most) {
  if (Number.isInteger(level)) return Math.min(level, 4);
  return value ? Math.min(4, 1 + Math.floor((3.999 * value) / most)) : 0;
}

function label(area, layer) {
  const { name, url, value } = area.properties;
  layer.bindTooltip(() => document.createTextNode(value === undefined ? name : `${name} ${value}`), { sticky: true });
  if (url) layer.on("click", () => { window.location.href = url; });
}
