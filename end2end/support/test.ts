import { test as base, expect } from "@playwright/test";

import { Network } from "./network";
import { DEFAULTS, Phone, type PhoneOptions } from "./phone";
import { Server } from "./server";

interface Fixtures {
  /** What this file's or group's phones are like, where it differs from {@link DEFAULTS}. */
  phoneOptions: Partial<PhoneOptions>;
  server: Server;
  network: Network;
  phone: Phone;
}

export const test = base.extend<Fixtures>({
  phoneOptions: [{}, { option: true }],

  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach("server.log", { body: server.log.join("\n"), contentType: "text/plain" });
    }
    await server.dispose();
  },

  network: async ({ server }, use) => {
    const network = await Network.open(server.port);
    await use(network);
    await network.close();
  },

  phone: async ({ network, phoneOptions }, use, info) => {
    const phone = await Phone.start(network, { ...DEFAULTS, ...phoneOptions });
    await use(phone);
    if (info.status !== info.expectedStatus) {
      const tabs = await Promise.allSettled(phone.context.pages().map((page) => page.screenshot({ timeout: 5000 })));
      for (const [at, shot] of tabs.entries()) {
        if (shot.status === "fulfilled") await info.attach(`tab-${at}.png`, { body: shot.value, contentType: "image/png" });
      }
    }
    await phone.dispose();
    // Also when a test failed: what the console said is often the reason.
    expect(phone.faults, "console errors, uncaught errors and CSP violations").toEqual([]);
  },
});

export { expect };
