// Gives selects, charts and maps inside a part of the page their behaviour; also used for loaded parts.
import { equipSelects } from "./selects.js";
import { drawCharts } from "./charts.js";
import { drawMaps } from "./maps.js";

export function equip(part) {
  equipSelects(part);
  drawCharts(part);
  drawMaps(part);
}
