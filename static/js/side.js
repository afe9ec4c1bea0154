// Runs right after the side navigation is parsed, so that it is never seen to jump:
// closed on narrow screens, and elsewhere as it was left.
{
  const side = document.getElementById("side-navigation");
  const narrow = window.matchMedia("(max-width: 48rem)").matches;
  const kept = () => {
    try { return localStorage.getItem("side-navigation"); } catch { return null; }
  };
  if (narrow || kept() === "closed") side.open = false;
  side.addEventListener("toggle", () => {
    if (narrow) return;
    try { localStorage.setItem("side-navigation", side.open ? "open" : "closed"); } catch { /* private mode */ }
  });
}
