// Runs before the first paint so that a remembered theme does not flash. Everything else is a module.
try {
  const theme = localStorage.getItem("huashu.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is blocked: follow the system
}
