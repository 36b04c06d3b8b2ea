import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "results/artefacts",
  // Each test has a server, a data directory and a browser profile of its own, so any number may run at once.
  fullyParallel: true,
  workers: 2,
  // Generous, because a two-core machine may be compiling at the same time; nothing here waits for time to pass.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"], ["html", { outputFolder: "results/report", open: "never" }]],
});
