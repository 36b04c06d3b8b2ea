// Starts the staff's program in its document, and has it kept for when there is no network.
const html = document.documentElement;
const { js, wasm } = html.dataset;

try {
  const glue = await import(js);
  await glue.default({ module_or_path: wasm });
  glue.start();
} catch (error) {
  console.error(error);
  const words = document.createElement("p");
  words.textContent = html.lang === "en" ? "The program could not start. Load the page again." : "工作台没能启动，请重新加载页面。";
  (document.querySelector("main") ?? document.body).append(words);
}

// Not for a courier who only joins, and needs it this once.
if (location.pathname.startsWith("/staff")) {
  navigator.serviceWorker
    ?.register("/staff/sw.js", { scope: "/staff", updateViaCache: "none" })
    .catch(console.error);
}
