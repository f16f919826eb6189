// Everything works without this file; it makes pages live, and loads charts and maps where they are.
import "../styles/app.css";
import htmx from "htmx.org";
import { countOnIcon, forgetPerson, startShell } from "./app_shell.js";
import { startCountdowns } from "./countdown.js";
import { watchConnection } from "./connection.js";
import { listDocuments } from "./documents.js";
import { keepTyped } from "./typed.js";
import { startMessages } from "./messages.js";
import { offerPasskeys } from "./passkeys.js";
import { repeatLost } from "./repeating.js";
import { watchSearches } from "./searches.js";
import { watchSheets } from "./sheets.js";
import { watchNews } from "./news.js";
import { watchUploads } from "./uploads.js";

function enliven(root) {
  startCountdowns(root);
  startMessages(root);
  offerPasskeys(root);
  countOnIcon(root);
  forgetPerson(root);
  listDocuments(root);
  if (root.querySelector("[data-push]")) {
    import("./notices.js").then(({ offerNotices }) => offerNotices(root));
  }
  const inbox = root.querySelector("[data-devices]");
  if (inbox && globalThis.Notification?.permission === "granted") {
    import("./notices.js").then(({ mendSubscription }) => mendSubscription(inbox.dataset.devices)).catch(() => {});
  }
  if (root.querySelector("[data-chart]")) {
    import("./charts.js").then(({ drawCharts }) => drawCharts(root));
  }
  if (root.querySelector("[data-map]")) {
    import("./map.js").then(({ drawMaps }) => drawMaps(root));
  }
}

startShell();
watchConnection();
watchNews();
repeatLost();
keepTyped();
watchSearches();
watchSheets();
watchUploads();
htmx.onLoad(enliven);
