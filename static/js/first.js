// Runs before anything is drawn: says that scripts run, so that what needs them shows.
document.documentElement.classList.add("js");
