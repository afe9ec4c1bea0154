// Uploads files one after the other, with progress. Each is a post of the same form with one file;
// its line, and in the end the whole page about them, are those that the answers hold.
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
      if (line) resolve({ page, line });
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
  row.querySelector("progress")?.replaceWith("Failed");
  row.querySelector("[data-why]").textContent = why;
}

function waiting(file) {
  const row = document.getElementById("upload-waiting-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-name]").textContent = file.name;
  row.querySelector("[data-size]").textContent = inWords(file.size);
  return row;
}

function sum(lines, outcome) {
  const some = lines.filter((line) => line.dataset.outcome === outcome);
  const bytes = some.reduce((total, line) => total + Number(line.dataset.bytes), 0);
  return `${some.length} file${some.length === 1 ? "" : "s"}, ${inWords(bytes)}`;
}

// The page of one answer, about all files: of the first that failed, for its headline.
function show(place, pages, lines) {
  const failed = lines.some((line) => line.dataset.outcome === "failed");
  const page = failed ? pages.find((each) => each.querySelector("tr[data-outcome=failed]")) : pages.at(-1);
  if (!page) {
    const heading = place.querySelector("h2");
    heading.textContent = "Upload failed";
    heading.focus();
    return announce("Upload failed");
  }
  const result = document.adoptNode(page.getElementById("upload-result"));
  result.querySelector("[data-lines]").replaceChildren(...lines);
  result.querySelectorAll("[data-sum]").forEach((each) => { each.textContent = sum(lines, each.dataset.sum); });
  document.title = page.title;
  place.replaceWith(result);
  result.querySelector("h1").focus();
}

let underWay = false;

async function upload(form, files) {
  const place = document.getElementById("upload-under-way").content.cloneNode(true).firstElementChild;
  const rows = files.map(waiting);
  place.querySelector("[data-lines]").append(...rows);
  document.querySelector("main > h1").remove();
  form.replaceWith(place);
  place.querySelector("h2").focus();
  const whole = place.querySelector("#upload-total");
  const total = files.reduce((bytes, file) => bytes + file.size, 0) || 1;
  const pages = [];
  let before = 0;
  for (const [number, file] of files.entries()) {
    const row = rows[number];
    if (file.size > largest(form)) {
      fail(row, file, `Larger than ${inWords(largest(form))}: it was not sent.`);
    } else {
      try {
        const answer = await send(form, file, (part) => {
          row.querySelector("progress").value = 100 * part;
          whole.value = (100 * (before + part * file.size)) / total;
          place.querySelector("[data-percent]").textContent = `${Math.round(whole.value)} %`;
        });
        pages.push(answer.page);
        rows[number] = document.adoptNode(answer.line);
        row.replaceWith(rows[number]);
      } catch (error) {
        fail(row, file, error.message);
      }
    }
    before += file.size;
  }
  underWay = false;
  show(place, pages, rows);
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
