// Before the first paint of the shell, which is one file for every language and theme.
(() => {
  try {
    const { lang, theme } = JSON.parse(localStorage.getItem("waypost.prefs")) ?? {};
    const html = document.documentElement;
    if (["auto", "light", "dark", "sunlight"].includes(theme)) html.dataset.theme = theme;
    if (lang === "zh") html.lang = "zh-CN";
    if (lang === "en") html.lang = "en";
  } catch {
    // Storage blocked, or something unreadable in it: the shell's own language and theme will do.
  }
})();
