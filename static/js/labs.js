// The lab beside the page. Runs right after it is parsed, so that it is never seen to jump;
// without this file every form of it works by loading the page again.
"use strict";

{
  const lab = document.getElementById("lab");
  const fold = document.getElementById("lab-fold");
  const narrow = window.matchMedia("(max-width: 68rem)");
  const PULSE = 5000;

  // --- Open, closed, wide -------------------------------------------------------------------------
  const kept = (name) => {
    try { return localStorage.getItem(name); } catch { return null; }
  };
  const keep = (name, value) => {
    try { localStorage.setItem(name, value); } catch { /* private mode */ }
  };

  const led = location.hash === "#lab" || Boolean(lab.querySelector(`#${CSS.escape(location.hash.slice(1) || "-")}`));
  if (!led && (narrow.matches || kept("lab") === "closed")) fold.open = false;
  fold.addEventListener("toggle", () => {
    if (!narrow.matches) keep("lab", fold.open ? "open" : "closed");
  });

  narrow.addEventListener("change", () => {
    fold.open = !narrow.matches && kept("lab") !== "closed";
  });

  const wider = document.getElementById("lab-wider");
  function widen(wide) {
    fold.classList.toggle("is-wide", wide);
    wider.setAttribute("aria-pressed", String(wide));
  }
  widen(kept("lab-width") === "wide");
  wider.addEventListener("click", () => {
    widen(!fold.classList.contains("is-wide"));
    keep("lab-width", fold.classList.contains("is-wide") ? "wide" : "usual");
  });

  // --- There and back by keyboard -----------------------------------------------------------------
  let before = null;

  function goThere() {
    const here = document.activeElement;
    before = here.matches("body, .skip-link") ? document.getElementById("main") : here;
    fold.open = true;
    lab.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== "KeyL") return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (!lab.contains(document.activeElement)) goThere();
    else (before?.isConnected ? before : document.getElementById("main")).focus();
  });

  // --- Show me ------------------------------------------------------------------------------------
  function show() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || target.id === "main") return;
    if (lab.contains(target)) {
      fold.open = true;
      return;
    }
    for (let around = target.parentElement.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
    if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    // Its dialog opens above the page, and is to leave no menu behind.
    const item = event.target.closest?.(".lab-menu a");
    if (item) item.closest("details").open = false;
    const link = event.target.closest?.("a[data-show-me], a[href='#lab']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!("showMe" in link.dataset)) {
      event.preventDefault();
      goThere();
      return;
    }
    if (narrow.matches) fold.open = false;
    // The same address again is no event of the browser's.
    if (link.href === location.href) {
      event.preventDefault();
      // After the click has closed the menus that it was not in.
      setTimeout(show);
    }
  });
  window.addEventListener("hashchange", show);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  else show();

  // --- Answers in place ---------------------------------------------------------------------------
  const piece = () => document.getElementById("lab-piece");
  let was = null;

  lab.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== piece()) return;
    was = {
      step: piece().dataset.step,
      open: [...piece().querySelectorAll("details[id][open]")].map((one) => one.id),
      inside: piece().contains(document.activeElement),
      focus: piece().contains(document.activeElement) ? document.activeElement.id : "",
    };
  });

  lab.addEventListener("htmx:afterSwap", () => {
    if (!was) return;
    const { step, open, inside, focus } = was;
    was = null;
    const same = step === piece().dataset.step;
    const stays = same ? open : open.filter((id) => id === "lab-steps");
    stays.forEach((id) => {
      const one = document.getElementById(id);
      if (one) one.open = true;
    });
    const wanted = document.getElementById(piece().dataset.focusOn || focus);
    // What had the focus may be gone: a button after the last hint, a link of a step that is done.
    if (wanted || inside) (wanted ?? lab).focus({ preventScroll: true });
    if (!same) fold.scrollTop = 0;
    else if (piece().dataset.focusOn) lead(wanted);
    else if ("checked" in piece().dataset) lead(document.getElementById("lab-results"));
  });

  // Where it doesn't fit, its beginning is what one reads first.
  function lead(one) {
    one?.scrollIntoView({ block: "nearest" });
    one?.firstElementChild?.scrollIntoView({ block: "nearest" });
  }

  // --- What changes elsewhere ---------------------------------------------------------------------
  let pulse = setInterval(beat, PULSE);

  function beat() {
    if (document.visibilityState === "visible") window.htmx?.trigger("#lab-pulse", "lab-pulse");
  }

  document.addEventListener("visibilitychange", beat);

  // What nobody asked for fails in silence.
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    lab.addEventListener(failure, (event) => {
      if (!["lab-pulse", "lab-automatic"].includes(event.detail.elt.id)) return;
      event.stopPropagation();
      if (event.detail.xhr?.status === 404) pulse = clearInterval(pulse);
    });
  }
}
