// Starts the behaviours of a page. Each is bound to data attributes; see the modules.
import { watchDialogs } from "./dialogs.js";
import { watchFrame } from "./frame.js";
import { watchLists } from "./lists.js";
import { watchKeys } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchPhotos } from "./photos.js";
import { watchPins } from "./pin.js";
import { watchNearby } from "./nearby.js";
import { equip } from "./equip.js";
import { watchTabs } from "./tabs.js";
import { watchProgress } from "./progress.js";
import { watchUrging } from "./urging.js";

watchDialogs();
watchFrame();
watchLists();
watchKeys();
watchPhotos();
watchForms();
watchPins();
watchNearby();
watchTabs();
equip(document);
watchProgress();
watchUrging();

const proof = document.querySelector("[data-proof]");
if (proof) import("./proof.js").then((module) => module.watchProof(proof));
