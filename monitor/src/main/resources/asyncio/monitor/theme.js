// Before the page is drawn, so that it does not flash: the theme that was chosen last time.
try {
  const theme = localStorage.getItem('asyncio-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme it is.
}
