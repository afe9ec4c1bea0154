// Says that the results shown are older than the form, once something was changed in it.
"use strict";

const simulator = document.querySelector("[data-simulator]");
const stale = document.querySelector("[data-stale]");
if (simulator && stale) {
  simulator.addEventListener("input", () => {
    stale.hidden = false;
  });
}
