// Puts a code editor in the place of a policy's textarea. The textarea stays the form's field, and
// htmx sends it to be checked; what comes back is marked in the text.
"use strict";

const SEVERITIES = { error: "error", warning: "warning", info: "info" };

function codeEditor(area) {
  ace.config.set("useStrictCSP", true);
  const place = document.createElement("div");
  place.className = "policy-code";
  area.before(place);
  const editor = ace.edit(place, {
    value: area.value,
    tabSize: 4,
    useSoftTabs: true,
    // The server's findings take the place of the worker's.
    useWorker: false,
    showPrintMargin: false,
    // Tab leaves the editor; Enter goes into the text and Escape comes out of it.
    enableKeyboardAccessibility: true,
    fontSize: "0.875rem",
  });
  editor.session.setMode("ace/mode/json");
  editor.session.setUseWrapMode(window.matchMedia("(max-width: 40rem)").matches);
  editor.setOption("textInputAriaLabel", area.getAttribute("aria-label"));
  editor.textInput.getElement().setAttribute("aria-describedby", "document-size");
  area.hidden = true;
  editor.session.on("change", () => {
    area.value = editor.getValue();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  area.addEventListener("focus", () => editor.focus());
  return editor;
}

function findings() {
  return [...document.querySelectorAll("[data-policy-report] [data-finding]")].map((item) => ({
    kind: SEVERITIES[item.dataset.finding] || "info",
    line: item.dataset.line - 1,
    column: item.dataset.column - 1,
    endLine: item.dataset.endLine - 1,
    endColumn: item.dataset.endColumn - 1,
    message: item.dataset.message,
  }));
}

let marked = [];

function mark(editor) {
  const { Range } = ace.require("ace/range");
  const found = findings();
  marked.forEach((id) => editor.session.removeMarker(id));
  marked = found.map((one) => {
    // What goes over many lines would underline them all: its first line says enough.
    const end = one.endLine === one.line ? one.endColumn : editor.session.getLine(one.line).length;
    const range = new Range(one.line, one.column, one.line, Math.max(end, one.column + 1));
    return editor.session.addMarker(range, `policy-mark policy-mark-${one.kind}`, "text");
  });
  editor.session.setAnnotations(
    found.map((one) => ({ row: one.line, column: one.column, text: one.message, type: one.kind })),
  );
}

function counts() {
  const list = document.querySelector("[data-policy-counts]");
  return list ? list.textContent.replace(/\s+/g, " ").trim() : "";
}

const area = document.querySelector("[data-policy-text]");
if (area && window.ace) {
  const editor = codeEditor(area);
  let told = counts();
  mark(editor);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "document-report") return;
    mark(editor);
    if (counts() !== told) announce(told = counts());
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-policy-line]");
    if (!link) return;
    event.preventDefault();
    const { line, column } = link.closest("[data-finding]").dataset;
    editor.gotoLine(Number(line), column - 1, false);
    editor.focus();
  });
}
