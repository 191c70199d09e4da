// Runs before the first paint, so that a chosen theme or language never flashes the other one.
try {
  const theme = localStorage.getItem("faiban.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.lang = localStorage.getItem("faiban.language") || navigator.language.slice(0, 2);
} catch {
  // Storage can be forbidden; the system's theme then applies.
}
