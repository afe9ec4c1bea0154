// Uploads files one after the other, with progress. Each is a post of the same form with one file,
// and its line in the table is the one of the page that answers.
"use strict";

const largest = (form) => Number(form.dataset.largest);

function inWords(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit ? size.toFixed(1) : size}\u00a0${units[unit]}`;
}

function send(form, file, onProgress) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const line = page.querySelector("[data-lines] tr");
      if (line) resolve(document.adoptNode(line));
      else reject(new Error(request.status === 413 ? "That is too large." : "The server gave no answer about this file. Load the page again."));
    });
    request.addEventListener("error", () => reject(new Error("The connection was lost.")));
    request.send(body);
  });
}

// A line for what no answer tells: a file that was never sent, or whose answer did not come.
function fail(row, file, why) {
  row.dataset.outcome = "failed";
  row.dataset.bytes = file.size;
  row.querySelector("progress").remove();
  row.querySelector("[data-failed]").hidden = false;
  row.querySelector("[data-why]").textContent = why;
}

const piece = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

function waiting(file) {
  const row = piece("upload-waiting-row");
  row.querySelector("[data-name]").textContent = file.name;
  row.querySelector("[data-size]").textContent = inWords(file.size);
  return row;
}

function sum(lines, outcome) {
  const some = lines.filter((line) => line.dataset.outcome === outcome);
  const bytes = some.reduce((total, line) => total + Number(line.dataset.bytes), 0);
  return `${some.length} file${some.length === 1 ? "" : "s"}, ${inWords(bytes)}`;
}

function show(place, lines) {
  const failed = lines.some((line) => line.dataset.outcome === "failed");
  const result = piece("upload-finished");
  result.querySelector(failed ? "[data-when=succeeded]" : "[data-when=failed]").remove();
  result.querySelector("[data-lines]").append(...lines);
  result.querySelectorAll("[data-sum]").forEach((each) => { each.textContent = sum(lines, each.dataset.sum); });
  place.replaceWith(result);
  result.querySelector("h1").focus();
}

let underWay = false;

async function upload(form, files) {
  const place = piece("upload-under-way");
  const rows = files.map(waiting);
  place.querySelector("[data-lines]").append(...rows);
  document.querySelector("main > h1").remove();
  form.replaceWith(place);
  place.querySelector("h2").focus();
  const whole = place.querySelector("#upload-total");
  const total = files.reduce((bytes, file) => bytes + file.size, 0) || 1;
  let before = 0;
  for (const [number, file] of files.entries()) {
    const row = rows[number];
    if (file.size > largest(form)) {
      fail(row, file, `Larger than ${inWords(largest(form))}: it was not sent.`);
    } else {
      try {
        const line = await send(form, file, (part) => {
          row.querySelector("progress").value = 100 * part;
          whole.value = (100 * (before + part * file.size)) / total;
          place.querySelector("[data-percent]").textContent = `${Math.round(whole.value)} %`;
        });
        row.replaceWith(line);
        rows[number] = line;
      } catch (error) {
        fail(row, file, error.message);
      }
    }
    before += file.size;
  }
  underWay = false;
  show(place, rows);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]") || !form.elements.files.files.length) return;
  event.preventDefault();
  underWay = true;
  upload(form, [...form.elements.files.files]);
}, { capture: true });

window.addEventListener("beforeunload", (event) => {
  if (underWay) event.preventDefault();
});
