// Light or dark before anything is painted. Reads what src/theme/scheme.ts keeps.
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem("plimsoll.scheme");
  } catch {
    // A browser that keeps nothing for us follows the system.
  }
  const dark = kept === "dark" || (kept !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
