// Starts every part of the panel and draws the customer last looked at.

import { retryNow } from "./analyse.js";
import { startAnalysis } from "./analysis.js";
import { watchHandCopy } from "./clipboard.js";
import { startAlerts } from "./alerts.js";
import { storeEverything } from "./conversation.js";
import { startCustomers } from "./customers.js";
import { startDue } from "./due.js";
import { startEmbedded } from "./embedded.js";
import { startExcerpts } from "./excerpt.js";
import { startFinding } from "./find.js";
import { startGoods } from "./goods.js";
import { startGuidance } from "./guidance.js";
import { startHistory } from "./history.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startMessage } from "./message.js";
import { startPasting } from "./paste.js";
import { startPromised } from "./promised.js";
import { startRefreshing } from "./refresh.js";
import { startRegister } from "./register.js";
import { startRisks } from "./risks.js";
import { startScripts } from "./scripts.js";
import { startSearch } from "./search.js";
import { startSettings } from "./settings.js";
import { startStages } from "./stages.js";
import { emit, status } from "./state.js";
import { watchToast } from "./toast.js";
import { startToolbar } from "./toolbar.js";
import { startUnsent } from "./unsent.js";
import { startWelcome } from "./welcome.js";

for (const start of [
  startMessage,
  startPasting,
  startExcerpts,
  startHistory,
  startAnalysis,
  startRisks,
  startStages,
  startScripts,
  startGuidance,
  startGoods,
  startCustomers,
  startDue,
  startWelcome,
  startSearch,
  startFinding,
  startAlerts,
  startSettings,
  startKeys,
  startRegister,
  startPromised,
  startRefreshing,
  startUnsent,
  watchToast,
  watchHandCopy,
]) {
  start();
}
addEventListener("online", () => {
  storeEverything();
  if (status.note?.retry) retryNow();
});
storeEverything();
emit("customers");
startLive();
startEmbedded();
startToolbar();
document.documentElement.dataset.ready = "true";
