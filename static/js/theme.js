// Light or dark: the system's choice until a person makes her own, which is remembered and can be taken back.
// Runs before the first paint, so it is small and not a module.
(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("theme") ?? ""; } catch { return root.dataset.theme ?? ""; } };

  function apply(theme) {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    const choice = document.querySelector(`[name=theme][value="${theme}"]`);
    if (choice) choice.checked = true;
  }

  apply(remembered());
  document.addEventListener("DOMContentLoaded", () => apply(remembered()));
  // Back, and another tab.
  addEventListener("pageshow", () => apply(remembered()));
  addEventListener("storage", (event) => event.key === "theme" && apply(remembered()));

  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    const theme = event.target.value;
    apply(theme);
    try {
      if (theme) localStorage.setItem("theme", theme); else localStorage.removeItem("theme");
    } catch { /* private mode: for this page only */ }
  });
})();
