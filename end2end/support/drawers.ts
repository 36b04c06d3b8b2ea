import type { Page } from "@playwright/test";

/** What one drawer of the phone's database holds, by key: rows as they lie there; bytes are read as `{ bytes: how many }` and
 * written from `{ bytes: base64 }`. */
export type Drawer = Record<string, unknown>;

/** A phone's database as a file keeps it. */
export interface Dump {
  version: number;
  drawers: Record<string, Drawer>;
}

/** Everything in some drawers of the phone's database. A drawer that is not there is empty. */
export function drawers(page: Page, ...names: string[]): Promise<Record<string, Drawer>> {
  return page.evaluate(
    (names) =>
      new Promise<Record<string, Drawer>>((done, failed) => {
        const opening = indexedDB.open("waypost");
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const all: Record<string, Drawer> = Object.fromEntries(names.map((name) => [name, {}]));
          const there = names.filter((name) => database.objectStoreNames.contains(name));
          const end = (): void => {
            database.close();
            done(all);
          };
          if (there.length === 0) return end();
          const reading = database.transaction(there, "readonly");
          for (const name of there) {
            reading.objectStore(name).openCursor().onsuccess = (event) => {
              const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
              if (!cursor) return;
              const { key, value } = cursor;
              const text = value instanceof ArrayBuffer ? { bytes: value.byteLength } : (value as unknown);
              all[name]![String(key)] = text;
              cursor.continue();
            };
          }
          reading.oncomplete = end;
          reading.onabort = () => failed(reading.error);
          return undefined;
        };
      }),
    names,
  );
}

/**
 * Writes rows as another build has left them; makes the database in that version if there is none. Without a version, into
 * the database that is there.
 */
export function leave(page: Page, dump: Omit<Dump, "version"> & Partial<Dump>): Promise<void> {
  return page.evaluate(
    ({ version, drawers }) =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open("waypost", version);
        opening.onerror = () => failed(opening.error);
        opening.onupgradeneeded = () => {
          for (const name of Object.keys(drawers)) opening.result.createObjectStore(name);
        };
        opening.onsuccess = () => {
          const database = opening.result;
          const writing = database.transaction(Object.keys(drawers), "readwrite");
          for (const [name, rows] of Object.entries(drawers)) {
            for (const [key, row] of Object.entries(rows)) {
              const base64 = (row as { bytes?: string }).bytes;
              const value = base64 === undefined ? row : Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
              writing.objectStore(name).put(value, key);
            }
          }
          writing.oncomplete = () => {
            database.close();
            done();
          };
          writing.onabort = () => failed(writing.error);
        };
      }),
    dump,
  );
}
