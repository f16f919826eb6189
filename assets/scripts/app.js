// Everything works without this file; it makes pages live, and loads charts and maps where they are.
import "../styles/app.css";
import htmx from "htmx.org";
import { startCountdowns } from "./countdown.js";
import { watchConnection } from "./connection.js";
import { startMessages } from "./messages.js";
import { offerPasskeys } from "./passkeys.js";
import { watchSearches } from "./searches.js";
import { watchSheets } from "./sheets.js";
import { watchUploads } from "./uploads.js";

function enliven(root) {
  startCountdowns(root);
  startMessages(root);
  offerPasskeys(root);
  if (root.querySelector("[data-chart]")) {
    import("./charts.js").then(({ drawCharts }) => drawCharts(root));
  }
  if (root.querySelector("[data-map]")) {
    import("./map.js").then(({ drawMaps }) => drawMaps(root));
  }
}

watchConnection();
watchSearches();
watchSheets();
watchUploads();
htmx.onLoad(enliven);
