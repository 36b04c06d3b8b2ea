import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: "../results/soak",
  workers: 1,
  timeout: 1_800_000,
  expect: { timeout: 60_000 },
  retries: 0,
  reporter: [["list"]],
});
