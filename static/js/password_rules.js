// Ticks off the rules of a new password while it is typed. The server's answer is what counts: it
// alone knows the rules that have no pattern, such as those about earlier passwords.
"use strict";

function isMet(rule, password) {
  if (rule.dataset.same) {
    return password !== "" && document.getElementById(rule.dataset.same).value === password;
  }
  // "u" counts characters as the server does.
  return new RegExp(rule.dataset.pattern, "su").test(password);
}

function tickOff(list) {
  const password = document.getElementById(list.dataset.rules).value;
  const rules = [...list.querySelectorAll("[data-pattern], [data-same]")];
  for (const rule of rules) {
    const met = isMet(rule, password);
    rule.querySelector("[data-met]").hidden = !met;
    rule.querySelector("[data-unmet]").hidden = met;
  }
  const count = rules.filter((rule) => !rule.querySelector("[data-met]").hidden).length;
  const told = `${count} of ${rules.length} password rules met`;
  if (password && list.dataset.told !== told) announce(told);
  list.dataset.told = told;
}

document.addEventListener("input", () => {
  document.querySelectorAll("[data-rules]:has([data-pattern], [data-same])").forEach(tickOff);
});
