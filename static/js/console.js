// What pages do beyond plain links and forms. Every listener sits on the document, so that
// whatever is swapped in later works too; every page works without this file.
"use strict";

const announcer = () => document.getElementById("announcer");

function announce(text) {
  // Emptied first: a live region that gets the same text again stays silent.
  announcer().textContent = "";
  setTimeout(() => { announcer().textContent = text; }, 50);
}

// --- Copy ---------------------------------------------------------------------------------------
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard API on plain http under another name than localhost.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    // An open modal makes everything outside of it inert.
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

async function copyFrom(button) {
  const done = await copyText(button.dataset.copy);
  announce(done ? "Copied" : "Could not copy: select the text and copy it by hand");
  if (!done) return;
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 2000);
}

// --- Secrets and passwords ----------------------------------------------------------------------
function reveal(button) {
  const shown = button.closest("[data-secret]").toggleAttribute("data-shown");
  button.setAttribute("aria-expanded", String(shown));
  button.querySelector("[data-words]").textContent = shown ? "Hide" : "Show";
}

// --- Dialogs ------------------------------------------------------------------------------------
async function openFrom(link) {
  const dialog = document.getElementById("dialog");
  try {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "dialog" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const card = page.querySelector("[data-dialog-card]");
    if (!card) throw new Error("not a dialog");
    card.querySelectorAll("form:not([action])").forEach((form) => form.setAttribute("action", link.href));
    dialog.replaceChildren(card);
    window.htmx?.process(card);
    prepare(card);
    dialog.showModal();
  } catch {
    location.assign(link.href);
  }
}

// --- Search -------------------------------------------------------------------------------------
// What is typed while the search is on its way: quick fingers don't wait for it.
let typedAhead = null;

async function openSearch(link) {
  typedAhead = "";
  await openFrom(link);
  const box = document.querySelector("dialog[open] [role=search] input");
  if (box && typedAhead) {
    box.value += typedAhead;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  typedAhead = null;
}

function moveAmongHits(event) {
  const stops = [...document.querySelectorAll("[role=search] input[type=search], [data-hits] a")];
  const here = stops.indexOf(document.activeElement);
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

// --- Tables -------------------------------------------------------------------------------------
function countSelected(table) {
  const boxes = [...table.querySelectorAll("[data-row]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = table.querySelector("[data-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const place = table.closest(".container") || document;
  place.querySelectorAll("[data-needs]").forEach((button) => {
    button.disabled = button.dataset.needs === "one" ? chosen !== 1 : chosen < 1;
  });
  place.querySelectorAll("[data-total]").forEach((counter) => {
    counter.textContent = chosen ? `(${chosen}/${counter.dataset.total})` : `(${counter.dataset.total})`;
  });
}

// --- Forms --------------------------------------------------------------------------------------
function countLetters(counter) {
  const left = counter.dataset.maximum - document.getElementById(counter.dataset.counter).value.length;
  counter.textContent = `${left} character${left === 1 ? "" : "s"} left`;
}

function expectWord(input) {
  const typed = input.value.trim().toLowerCase() === input.dataset.expect.toLowerCase();
  const submit = input.form.querySelector(".button-primary:not([type=button])");
  if (submit) submit.disabled = !typed;
}

function addRow(editor) {
  const total = editor.querySelector(`[name="${editor.dataset.rows}-TOTAL_FORMS"]`);
  const left = Number(editor.querySelector("[data-left]").dataset.left) - Number(total.value);
  if (left < 1) return announce("No more tags can be added");
  const row = editor.querySelector("template").content.cloneNode(true).firstElementChild;
  row.innerHTML = row.innerHTML.replaceAll("__prefix__", total.value);
  total.value = Number(total.value) + 1;
  editor.querySelector(".tag-rows").append(row);
  row.querySelector("input:not([type=hidden])").focus();
}

// A second click while the first is under way would do things twice.
const PATIENCE = 5000;

function holdBack(form) {
  form.dataset.sent = "";
  const buttons = [...form.elements].filter((one) => one.matches("button:not([type=button], [aria-disabled])"));
  buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
  // A download leaves the page as it is, and so does a request that was stopped.
  const release = () => {
    delete form.dataset.sent;
    buttons.forEach((button) => button.removeAttribute("aria-disabled"));
  };
  setTimeout(release, PATIENCE);
  window.addEventListener("pageshow", release, { once: true });
}

let dirty = false;

// --- What a fresh piece of page needs -------------------------------------------------------------
function prepare(root) {
  root.querySelectorAll("[data-counter]").forEach(countLetters);
  root.querySelectorAll("[data-expect]").forEach(expectWord);
  root.querySelectorAll("[data-table]").forEach(countSelected);
  // A field that asks for focus itself wins: alerts are read aloud anyway.
  if (!root.querySelector("[autofocus]")) root.querySelector("[data-focus]")?.focus();
}

// --- Listeners ------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest?.(selector);
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  let found;
  if ((found = on("[aria-disabled=true]"))) event.preventDefault();
  else if ((found = on("[data-copy]"))) copyFrom(found);
  else if ((found = on("[data-reveal]"))) reveal(found);
  else if ((found = on("[data-dismiss]"))) found.closest(".flash").remove();
  else if ((found = on("[data-open]"))) document.getElementById(found.dataset.open).showModal();
  else if ((found = on("dialog [data-close]"))) {
    event.preventDefault();
    found.closest("dialog").close();
  } else if ((found = on("[data-add-row]"))) {
    event.preventDefault();
    addRow(found.closest("[data-rows]"));
  } else if ((found = on("a[data-dialog]")) && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openFrom(found);
  }
});

document.addEventListener("input", (event) => {
  const input = event.target;
  if (input.closest("form[method=post][data-guard]")) dirty = true;
  if (input.matches("[data-expect]")) expectWord(input);
  document.querySelectorAll(`[data-counter="${CSS.escape(input.id)}"]`).forEach(countLetters);
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-show]")) {
    document.getElementById(box.dataset.show).type = box.checked ? "text" : "password";
  } else if (box.matches("[data-all]")) {
    const table = box.closest("[data-table]");
    table.querySelectorAll("[data-row]").forEach((row) => { row.checked = box.checked; });
    countSelected(table);
  } else if (box.matches("[data-row]")) {
    countSelected(box.closest("[data-table]"));
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if ("sent" in form.dataset) return event.preventDefault();
  // Browsers and managers must still see a password field as one when the form is sent.
  form.querySelectorAll("[data-show]:checked").forEach((box) => {
    document.getElementById(box.dataset.show).type = "password";
  });
  dirty = false;
  if (form.method === "post") holdBack(form);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (typedAhead !== null) {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typedAhead += event.key;
      event.preventDefault();
    }
    return;
  }
  const hits = event.target.closest("[data-hits], [role=search]");
  if (hits && (event.key === "ArrowDown" || event.key === "ArrowUp")) return moveAmongHits(event);
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const everywhere = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  const search = document.querySelector("[data-search]");
  if (!(everywhere || slash) || !search || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  // On a list the slash is for the list's own search box; Ctrl-K always searches everything.
  const filter = slash && document.querySelector("[data-find]");
  if (filter) filter.focus();
  else openSearch(search);
});

window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.classList.add("is-loading");
});

// Also where nothing was put in its place: 204 says that nothing has changed.
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.classList.remove("is-loading");
});

document.addEventListener("htmx:afterSettle", (event) => {
  const piece = event.detail.elt;
  const table = piece.closest("[data-table]");
  if (table) countSelected(table);
  prepare(piece);
  if (piece.dataset.announce) announce(piece.dataset.announce);
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    announce("That did not work: load the page again");
  });
}

prepare(document);
